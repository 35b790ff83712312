import type { IncomingMessage, ServerResponse } from 'node:http'
import { clientOf, isWithin } from './client-address.ts'
import type { Config } from './config.ts'
import { FastRequest } from './fast-path/fast-request.ts'
import { readHead } from './fast-path/head.ts'
import type { FastLane } from './fast-path/lane.ts'
import { hostName, isClearTarget } from './hygiene.ts'
import { hasFailed } from './limits/arrival.ts'
import { traceContext } from './observe/trace-context.ts'
import { requestId } from './request-id.ts'
import { acceptsJson, isJson, longestBody } from './upstream/coalesce.ts'
import type { Coalescer } from './upstream/coalescer.ts'

/** Takes a request, or leaves it untouched to the usual way. */
export type FastPath = (request: IncomingMessage, response: ServerResponse) => boolean

/**
 * The way of small requests that share exchanges: HTTP/1.1 POSTs about which nothing is unusual. They get the limits, checks,
 * headers, metrics and log line of any other request, from the same functions, without a framework's general way to them,
 * which costs more than all of those together (measured). Whatever is unusual takes the usual way, from the beginning.
 */
export function createFastPath (config: Config, coalescers: ReadonlyMap<string, Coalescer>, lane: FastLane): FastPath {
  const longestTarget = Math.floor(config.HEADER_LIMIT / 2)
  const byTarget = new Map([...coalescers].filter(([path]) => isClearTarget(path) && path.length <= longestTarget))
  const longest = Math.min(longestBody, config.BODY_LIMIT)
  return (raw, response) => {
    if (raw.method !== 'POST' || raw.httpVersion !== '1.1') return false
    const coalescer = byTarget.get(raw.url!)
    if (coalescer === undefined || !coalescer.isSpoken || lane.isDraining() || hasFailed(raw)) return false
    const head = readHead(raw.rawHeaders, longest)
    if (head === undefined || !isJson(head['content-type']) || (head.accept !== undefined && !acceptsJson(head.accept))) return false
    if (config.ALLOWED_HOSTS.length > 0 && !config.ALLOWED_HOSTS.includes(hostName(head.host)!)) return false
    const { remoteAddress } = raw.socket
    // Its client is gone already.
    if (remoteAddress === undefined) return false
    const headers = head as never
    const client = clientOf(remoteAddress, head['x-forwarded-for'], config.TRUST_PROXY)
    const trace = traceContext(headers, isWithin(config.TRUST_PROXY, remoteAddress), lane.tracing?.share)
    new FastRequest({ lane, coalescer, raw, response, head, id: requestId({ headers }), client, trace }).start()
    return true
  }
}

import { Pool } from 'undici'
import type { Dispatcher } from 'undici'
import { UpstreamTimeout, UpstreamUnreachable } from '../errors.ts'

/** The request's own life, for the upstream call made on its behalf. */
export interface Call {
  /** Aborts when the client has gone. */
  signal: AbortSignal
}

/**
 * reply-from hands a dispatcher nothing of the request but method, path, headers and body. The call travels with the
 * headers under a symbol, which no header can be named.
 */
export const callOf = Symbol('upstream call')

type Options = Dispatcher.RequestOptions & { headers: Record<string | symbol, unknown> }
type Callback = (error: Error | null, response?: Dispatcher.ResponseData) => void

// 502 within a second when nothing answers at an address at all.
const connectTimeout = 900

// Sockets to one upstream. Requests past it wait in the pool's queue, inside their deadline.
const connections = 128

/**
 * The upstreams, spoken to over kept-alive connections; each request goes to the one with the fewest in flight. It is what
 * reply-from takes as its dispatcher.
 */
export class UpstreamPool {
  readonly #upstreams: { origin: string, pool: Pool, inFlight: number }[]
  readonly #timeout: number

  /** @param timeout milliseconds from the request to the answer's headers, and between pieces of its body */
  constructor (origins: string[], timeout: number) {
    this.#timeout = timeout
    this.#upstreams = origins.map((origin) => ({
      origin,
      inFlight: 0,
      pool: new Pool(origin, {
        connections,
        pipelining: 1,
        connect: { timeout: connectTimeout },
        headersTimeout: 0,
        bodyTimeout: timeout
      })
    }))
  }

  /**
   * Sends one request; the callback gets the answer, or what the client is to be told.
   * @throws never: `UpstreamUnreachable`, `UpstreamTimeout` and the client's own abort come through the callback
   */
  request (options: Options, callback: Callback): void {
    const upstream = this.#upstreams.reduce((least, other) => other.inFlight < least.inFlight ? other : least)
    const abort = new AbortController()
    const { signal } = (options.headers[callOf] ?? abort) as Call
    const gone = () => abort.abort(signal.reason)
    const deadline = setTimeout(() => abort.abort(new UpstreamTimeout()), this.#timeout)
    signal.addEventListener('abort', gone, { once: true })
    if (signal.aborted) gone()
    upstream.inFlight++
    upstream.pool.request({ ...options, headers: options.headers as Record<string, string>, signal: abort.signal }, (error, response) => {
      clearTimeout(deadline)
      if (error !== null) {
        signal.removeEventListener('abort', gone)
        upstream.inFlight--
        callback(asGatewayError(error), response)
        return
      }
      response.body.once('close', () => {
        signal.removeEventListener('abort', gone)
        upstream.inFlight--
      })
      callback(null, response)
    })
  }

  /** Whether any upstream answers its health path with 2xx, within a second. */
  async isReady (path: string): Promise<boolean> {
    const asked = this.#upstreams.map(async ({ pool }) => {
      const { statusCode, body } = await pool.request({ path, method: 'GET', signal: AbortSignal.timeout(1000) })
      await body.dump()
      if (statusCode < 200 || statusCode > 299) throw new Error(`status ${statusCode}`)
    })
    return Promise.any(asked).then(() => true, () => false)
  }

  async close (): Promise<void> {
    await Promise.all(this.#upstreams.map(({ pool }) => pool.destroy()))
  }
}

/** Whatever went wrong below, without its address: that stays in `cause`, for the log. */
function asGatewayError (error: Error): Error {
  if (error instanceof UpstreamTimeout || error.name === 'AbortError') return error
  return Object.assign(new UpstreamUnreachable(), { cause: error })
}

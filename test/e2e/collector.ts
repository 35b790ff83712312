import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Scope } from './process.ts'

/** A span as a collector got it. */
export interface CollectedSpan {
  service: string
  name: string
  traceId: string
  spanId: string
  parentSpanId: string | undefined
  /** By key; only texts and whole numbers. */
  attributes: Record<string, string | number>
  startTimeUnixNano: string
  endTimeUnixNano: string
}

interface Export {
  resourceSpans: { resource: { attributes: KeyValue[] }, scopeSpans: { spans: (CollectedSpan & { attributes: KeyValue[] })[] }[] }[]
}
interface KeyValue { key: string, value: { stringValue?: string, intValue?: number, arrayValue?: { values: { stringValue: string }[] } } }

/** An OpenTelemetry collector as far as services see it: takes OTLP over HTTP as JSON, and keeps the spans. */
export async function startCollector (t: Scope) {
  const spans: CollectedSpan[] = []
  const authorizations = new Set<string | undefined>()
  let heard = () => {}
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    authorizations.add(request.headers.authorization)
    request.on('data', (chunk) => chunks.push(chunk)).on('end', () => {
      spans.push(...spansIn(JSON.parse(Buffer.concat(chunks).toString())))
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
      heard()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => { server.closeAllConnections(); server.close() })
  /** Resolves when that many spans have come, with all there are. */
  const collected = (count: number) => new Promise<CollectedSpan[]>((resolve) => {
    heard = () => { if (spans.length >= count) resolve(spans) }
    heard()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, spans, authorizations, collected }
}

function spansIn ({ resourceSpans }: Export): CollectedSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans.map((span) => ({
    ...span, service: String(plain(resource.attributes)['service.name']), attributes: plain(span.attributes)
  }))))
}

function plain (attributes: KeyValue[]): Record<string, string | number> {
  return Object.fromEntries(attributes.map(({ key, value }) =>
    [key, value.stringValue ?? value.intValue ?? value.arrayValue?.values.map(({ stringValue }) => stringValue).join() ?? '']))
}

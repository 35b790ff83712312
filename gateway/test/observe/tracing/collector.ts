import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'

/** A span as it came, its attributes as plain values. */
export interface CollectedSpan {
  name: string
  /** 2 is SERVER, 3 is CLIENT. */
  kind: number
  traceId: string
  spanId: string
  parentSpanId: string | undefined
  traceState: string | undefined
  attributes: Record<string, unknown>
  links: { traceId: string, spanId: string }[]
  /** 2 is an error. */
  status: { code: number }
  start: bigint
  end: bigint
  resource: Record<string, unknown>
}

export interface Collector {
  url: string
  spans: CollectedSpan[]
  /** Everything that was sent to it. */
  exports: { path: string, headers: IncomingHttpHeaders, body: string }[]
  /** Resolves when that many spans have come. */
  collected: (count: number) => Promise<CollectedSpan[]>
}

type Respond = (request: IncomingMessage, response: ServerResponse) => void

const accept: Respond = (_request, response) => { response.writeHead(200, { 'content-type': 'application/json' }).end('{}') }

/** An OpenTelemetry collector as far as exporters see it: OTLP over HTTP, as JSON. */
export async function startCollector (t: Pick<TestContext, 'after'>, respond: Respond = accept): Promise<Collector> {
  const collector: Collector = { url: '', spans: [], exports: [], collected: async () => [] }
  let heard = () => {}
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk) => chunks.push(chunk)).on('end', () => {
      const body = Buffer.concat(chunks).toString()
      collector.exports.push({ path: request.url!, headers: request.headers, body })
      collector.spans.push(...spansIn(JSON.parse(body)))
      respond(request, response)
      heard()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => { server.closeAllConnections(); server.close() })
  collector.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  collector.collected = (count) => new Promise((resolve) => {
    heard = () => { if (collector.spans.length >= count) resolve(collector.spans) }
    heard()
  })
  return collector
}

interface KeyValue { key: string, value: { stringValue?: string, intValue?: number, arrayValue?: { values: { stringValue: string }[] } } }

// What the exporter sends is the matter of the tests, so nothing is taken for granted but its outline.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
function spansIn ({ resourceSpans }: any): CollectedSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }: never) => (scopeSpans as { spans: never[] }[]).flatMap(({ spans }) =>
    // eslint-disable-next-line @typescript-eslint/no-explicit-any
    spans.map(({ startTimeUnixNano, endTimeUnixNano, attributes, ...span }: any) => ({
      ...span,
      start: BigInt(startTimeUnixNano),
      end: BigInt(endTimeUnixNano),
      attributes: plain(attributes),
      resource: plain((resource as { attributes: KeyValue[] }).attributes)
    }))))
}

function plain (attributes: KeyValue[]): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) =>
    [key, value.arrayValue?.values.map(({ stringValue }) => stringValue) ?? value.stringValue ?? value.intValue]))
}

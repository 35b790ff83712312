import type { IncomingMessage, RequestListener } from 'node:http'

/** What a request in an exchange is told to be, and its body. */
export interface ExchangeRequest {
  told: { length: number, id: string, traceparent: string, tracestate?: string, client?: unknown }
  body: Buffer
}

/** The exchange as an upstream reads it, by the contract and nothing of the gateway's. */
export function readExchange (bytes: Buffer): ExchangeRequest[] {
  const end = bytes.indexOf('\n')
  let at = end + 1
  return (JSON.parse(bytes.toString('utf8', 0, end)) as ExchangeRequest['told'][]).map((told) => {
    const body = bytes.subarray(at, at + told.length)
    at += told.length
    return { told, body }
  })
}

/** An exchange's answer. */
export function writeExchange (answers: (readonly [status: number, body: Buffer])[]): Buffer {
  const line = JSON.stringify(answers.map(([status, body]) => [status, body.length]))
  return Buffer.concat([Buffer.from(`${line}\n`), ...answers.map(([, body]) => body)])
}

export async function bodyOf (request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/**
 * An upstream that speaks the exchange: every request, in one or by itself, is answered with its own body as a JSON string, and
 * status 201 when it starts with `{`, 400 otherwise.
 * @param seen gets each exchange's size, and 0 for a request by itself
 */
export function exchangeUpstream (seen: number[], before: () => Promise<void> = async () => {}): RequestListener {
  const answer = (body: Buffer) => [body[0] === 0x7b ? 201 : 400, Buffer.from(JSON.stringify(body.toString('latin1')))] as const
  return (request, response) => {
    void bodyOf(request).then(async (bytes) => {
      await before()
      if (request.headers['content-type'] === 'application/x-exchange') {
        const requests = readExchange(bytes)
        seen.push(requests.length)
        response.writeHead(200, { 'content-type': 'application/x-exchange' }).end(writeExchange(requests.map(({ body }) => answer(body))))
      } else {
        seen.push(0)
        const [status, body] = answer(bytes)
        response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(body)
      }
    })
  }
}

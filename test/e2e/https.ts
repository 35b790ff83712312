import { once } from 'node:events'
import { request } from 'node:https'
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http'
import { request as plainRequest } from 'node:http'

export interface Answer { status: number, headers: IncomingHttpHeaders, body: string }

interface Options { method?: string, headers?: OutgoingHttpHeaders, body?: string, ca?: string | Buffer }

/** One request on a connection of its own; HTTPS is verified against `ca`. */
export async function fetchOnce (url: string, { method = 'GET', headers = {}, body, ca }: Options = {}): Promise<Answer> {
  const send = url.startsWith('https:') ? request : plainRequest
  const sent = send(url, { method, headers, ca, agent: false })
  sent.end(body)
  const [response] = await once(sent, 'response')
  response.setEncoding('utf8')
  let text = ''
  for await (const chunk of response) text += chunk
  return { status: response.statusCode, headers: response.headers, body: text }
}

/** One prediction, as the README shows it. */
export function predict (url: string, ca: string | Buffer, dimensions: unknown = [5.1, 3.5, 1.4, 0.2]): Promise<Answer> {
  return fetchOnce(`${url}/predict`, {
    method: 'POST', ca, headers: { 'content-type': 'application/json' }, body: JSON.stringify({ iris_dimensions: dimensions })
  })
}

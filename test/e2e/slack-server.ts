import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Scope } from './process.ts'

/** A Slack on loopback. */
export interface SlackServer {
  /** With a secret in its path. */
  url: string
  /** The texts of the messages it took, in order. */
  texts: string[]
  /** Resolves with the first message that matches, from now or before. */
  told: (pattern: RegExp) => Promise<string>
}

export const secret = 'T0HUSH/B0HUSH/hushhushhush'

export async function startSlackServer (t: Scope): Promise<SlackServer> {
  const texts: string[] = []
  let heard: (() => void)[] = []
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const piece of request.setEncoding('utf8')) body += piece
    texts.push(JSON.parse(body).text)
    response.end('ok')
    for (const look of heard) look()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const told = (pattern: RegExp) => new Promise<string>((resolve) => {
    const look = () => {
      const text = texts.find((text) => pattern.test(text))
      if (text === undefined) return
      heard = heard.filter((other) => other !== look)
      resolve(text)
    }
    heard.push(look)
    look()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/services/${secret}`, texts, told }
}

/** How often messages say that something happened, all of them together. */
export function timesTold (texts: string[], what: string): number {
  const counts = texts.join('\n').matchAll(new RegExp(`\`${what}\`\\n(?:code .*?, )?([\\d,]+) (?:times?|more)`, 'g'))
  return [...counts].reduce((sum, [, count]) => sum + Number(count!.replaceAll(',', '')), 0)
}

import { createServer } from 'node:http'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo, Socket } from 'node:net'
import { Writable } from 'node:stream'
import type { TestContext } from 'node:test'
import { pino } from 'pino'
import type { Alert } from '../../../src/alerts.ts'
import { SlackAlerts } from '../../../src/observe/slack/slack-alerts.ts'
import type { Timing } from '../../../src/observe/slack/shared.ts'

export interface Payload { text: string, channel?: string, username?: string }

/** A server on loopback that takes messages as Slack does, or does what a test tells it instead. */
export interface SlackServer {
  /** With a secret in its path, as Slack's have. */
  url: string
  port: number
  /** What it took, in order. */
  taken: Payload[]
  /** All requests, taken or not. */
  requests: number
  /** Resolves when so many messages were taken. */
  tookSo: (count: number) => Promise<void>
  /** Resolves when so many requests came. */
  askedSo: (count: number) => Promise<void>
  close: () => Promise<unknown>
}

export const secret = 'T0SECRET/B0SECRET/hushhush'

type Behaviour = (request: IncomingMessage, response: ServerResponse, nth: number) => boolean | void

/** @param behave answers a request in its own way and says so with `true`; all others are taken */
export async function startSlackServer (t: TestContext, behave: Behaviour = () => {}, port = 0): Promise<SlackServer> {
  const changed: (() => void)[] = []
  const until = (holds: () => boolean) => new Promise<void>((resolve) => {
    const look = () => { if (holds()) resolve() }
    changed.push(look)
    look()
  })
  const listener: RequestListener = async (request, response) => {
    let text = ''
    for await (const piece of request.setEncoding('utf8')) text += piece
    slack.requests++
    if (behave(request, response, slack.requests) !== true) {
      slack.taken.push(JSON.parse(text))
      response.end('ok')
    }
    for (const look of changed) look()
  }
  const server = createServer((request, response) => { void listener(request, response) })
  const sockets = new Set<Socket>()
  server.on('connection', (socket) => sockets.add(socket))
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const close = () => {
    for (const socket of sockets) socket.destroy()
    server.close()
    return once(server, 'close')
  }
  t.after(() => server.listening ? close() : undefined)
  const { port: actual } = server.address() as AddressInfo
  const slack: SlackServer = {
    url: `http://127.0.0.1:${actual}/services/${secret}`,
    port: actual,
    taken: [],
    requests: 0,
    tookSo: (count) => until(() => slack.taken.length >= count),
    askedSo: (count) => until(() => slack.requests >= count),
    close
  }
  return slack
}

/** Everything that takes a minute takes moments. */
export const quick: Timing = { gather: 5, period: 400, spacing: 10, attempt: 300, firstRetry: 20, longestRetry: 100, end: 2000 }

/** Alerts on their way to a Slack, ended with the test; `logged` is all that they log. */
export function tellSlack (t: TestContext, url: string, timing: Partial<Timing> = {}): { alerts: SlackAlerts, logged: string[] } {
  const logged: string[] = []
  const logger = pino({ level: 'trace' }, new Writable({ write: (line, _encoding, done) => { logged.push(String(line)); done() } }))
  const alerts = new SlackAlerts({ webhook: { url, channel: '#alerts' }, logger, timing: { ...quick, ...timing } })
  t.after(() => alerts.terminate())
  return { alerts, logged }
}

export function alert (what: string, more: Partial<Alert> = {}): Alert {
  return { key: what, severity: 'error', service: 'gateway', what, ...more }
}

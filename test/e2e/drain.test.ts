import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect as connectHttp2, constants } from 'node:http2'
import { Agent, request } from 'node:https'
import { connect as connectTcp } from 'node:net'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { connect } from 'node:tls'
import { fetchOnce } from './https.ts'
import { fromSource, run } from './process.ts'
import type { Running } from './process.ts'
import { freePorts, makeCertificates } from './stack.ts'

interface Gateway { running: Running, url: string, adminUrl: string, ca: Buffer }

const unlimited = { RATE_LIMIT_RPS: '0', MAX_CONNECTIONS_PER_CLIENT: '1000' }

/** A gateway before a real predictor, as processes of their own. */
async function startGateway (t: TestContext, env: Record<string, string> = {}): Promise<Gateway> {
  const { env: certificates, ca } = await makeCertificates(t)
  const predictor = run(t, fromSource('predictor/src/server.ts'), freePorts)
  const PREDICTOR_URL = JSON.parse((await predictor.said(/^\{.*"msg":"listening".*\}$/m))[0]).url
  const running = run(t, fromSource('gateway/src/server.ts'), { ...freePorts, ...certificates, ...unlimited, PREDICTOR_URL, ...env })
  const { url, adminUrl } = JSON.parse((await running.said(/^\{.*"msg":"listening".*\}$/m))[0])
  return { running, url, adminUrl, ca }
}

const body = '{"iris_dimensions":[5.1,3.5,1.4,0.2]}'
const headers = { 'content-type': 'application/json' }

/**
 * What came of the requests of a load: how many were answered, what went wrong with others, and how many the gateway has
 * never looked at: streams under way when its GOAWAY was (REFUSED_STREAM, RFC 9113 §8.7), connections that it never took.
 */
interface Tally { answered: number, lost: string[], untouched: number }

/** One request after another over one kept-alive connection until the gateway ends it; counts those whose bytes went out. */
async function keptAlive ({ url, ca }: Gateway, tally: Tally): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1, ca })
  for (let open = true; open;) {
    const sent = request(`${url}/predict`, { method: 'POST', headers, agent })
    sent.end(body)
    try {
      const [response] = await once(sent, 'response')
      response.resume()
      await once(response, 'end')
      tally.answered++
      if (response.statusCode !== 200) tally.lost.push(`status ${response.statusCode}`)
      open = response.headers.connection !== 'close'
    } catch (error) {
      tally.lost.push(`kept alive: ${(error as Error).message}`)
      open = false
    }
  }
  agent.destroy()
}

/**
 * One request after another, each on a new connection, until none is taken any more. A connection that ends before its
 * handshake has was still in the system's queue when the port closed: the gateway has not accepted it, no request was sent.
 */
async function anew ({ url, ca }: Gateway, tally: Tally): Promise<void> {
  for (;;) {
    let secured = false
    const sent = request(`${url}/predict`, { method: 'POST', headers, ca, agent: false })
    sent.once('socket', (socket) => socket.once('secureConnect', () => { secured = true }))
    sent.end(body)
    try {
      const [response] = await once(sent, 'response')
      response.resume()
      await once(response, 'end')
      tally.answered++
      if (response.statusCode !== 200) tally.lost.push(`status ${response.statusCode}`)
    } catch (error) {
      if (secured) tally.lost.push(`new connection: ${(error as Error).message}`)
      else if ((error as NodeJS.ErrnoException).code === 'ECONNREFUSED') return
      else tally.untouched++
    }
  }
}

/** Streams over one HTTP/2 session, four at a time, until the gateway says that it goes. */
async function overHttp2 ({ url, ca }: Gateway, tally: Tally): Promise<void> {
  const session = connectHttp2(url, { ca })
  session.on('error', (error) => tally.lost.push(`session: ${error.message}`))
  let going = true
  session.once('goaway', () => { going = false })
  const one = async () => {
    while (going) {
      const stream = session.request({ ':method': 'POST', ':path': '/predict', ...headers })
      stream.end(body)
      try {
        const [{ ':status': status }] = await once(stream, 'response')
        stream.resume()
        await once(stream, 'end')
        tally.answered++
        if (status !== 200) tally.lost.push(`status ${status}`)
      } catch (error) {
        if (!going && stream.rstCode === constants.NGHTTP2_REFUSED_STREAM) tally.untouched++
        else tally.lost.push(`stream: ${(error as Error).message}`)
        going = false
      }
    }
  }
  await Promise.all([one(), one(), one(), one()])
  if (!session.closed) session.close()
}

for (const [protocol, load, env] of [
  ['HTTP/1.1', [keptAlive, keptAlive, keptAlive, keptAlive, anew, anew], {}],
  ['HTTP/2', [overHttp2, overHttp2, anew], { HTTP2: 'on' }]
] as const) {
  test(`${protocol}: SIGTERM under load loses no request`, async (t) => {
    const gateway = await startGateway(t, env)
    const tally: Tally = { answered: 0, lost: [], untouched: 0 }
    const started = performance.now()
    const clients = load.map((client) => client(gateway, tally))
    // In the middle of the load, by count and not by time.
    while (tally.answered < 400) await new Promise(setImmediate)
    const rate = Math.round(tally.answered / (performance.now() - started) * 1000)
    gateway.running.child.kill('SIGTERM')
    await Promise.all(clients)
    assert.deepEqual(tally.lost, [])
    assert.equal(await gateway.running.ended, 0)
    t.diagnostic(`${tally.answered} answered, ${tally.lost.length} lost, ${tally.untouched} never looked at, at ${rate} requests/s`)
  })
}

test('readiness goes first, then DRAIN_DELAY_MS of service, then the port', async (t) => {
  const { running, url, adminUrl, ca } = await startGateway(t, { DRAIN_DELAY_MS: '500' })
  assert.equal((await fetchOnce(`${adminUrl}/readyz`)).status, 200)
  running.child.kill('SIGTERM')
  await running.said(/"draining"/)
  assert.equal((await fetchOnce(`${adminUrl}/readyz`)).status, 503)
  assert.equal((await fetchOnce(`${adminUrl}/healthz`)).status, 200)
  assert.equal((await fetchOnce(`${url}/`, { ca })).status, 200)
  assert.equal(await running.ended, 0)
})

test('a client that never finishes is cut off at the deadline, exit 1', async (t) => {
  const { running, url, ca } = await startGateway(t, { SHUTDOWN_TIMEOUT_MS: '700' })
  const socket = connect({ port: Number(new URL(url).port), host: '127.0.0.1', ca, servername: 'localhost' })
  socket.on('error', () => {})
  await once(socket, 'secureConnect')
  socket.write('POST /predict HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n1')
  await fetchOnce(`${url}/`, { ca })
  running.child.kill('SIGTERM')
  assert.equal(await running.ended, 1)
  assert.match(running.output(), /shutdown took longer than 700 ms/)
})

test('idle and half-open connections do not hold the end up', async (t) => {
  const { running, url, ca } = await startGateway(t)
  const port = Number(new URL(url).port)
  const idle = connect({ port, host: '127.0.0.1', ca, servername: 'localhost' })
  await once(idle, 'secureConnect')
  const halfOpen = connectTcp(port, '127.0.0.1')
  await once(halfOpen, 'connect')
  for (const socket of [idle, halfOpen]) socket.on('error', () => {})
  running.child.kill('SIGTERM')
  assert.equal(await running.ended, 0)
})

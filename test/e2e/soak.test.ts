import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { connect as connectHttp2 } from 'node:http2'
import { Agent, request } from 'node:https'
import { connect as connectTcp } from 'node:net'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { connect } from 'node:tls'
import { fetchOnce } from './https.ts'
import { fromSource, run } from './process.ts'
import type { Running } from './process.ts'
import { freePorts, makeCertificates } from './stack.ts'

// Five minutes by hand (SOAK_SECONDS=300), one where CI is set, a short one on a developer's machine.
const seconds = Number(process.env.SOAK_SECONDS ?? (process.env.CI ? 60 : 10))

interface Vitals { heapUsed: number, listeners: number, resources: Record<string, number> }

interface Target { running: Running, port: number, url: string, ca: Buffer, certFile: string }

const headers = { 'content-type': 'application/json' }
const body = '{"iris_dimensions":[5.1,3.5,1.4,0.2]}'

async function startTarget (t: TestContext): Promise<Target> {
  const { env, ca } = await makeCertificates(t)
  const predictor = run(t, fromSource('predictor/src/server.ts'), freePorts)
  const PREDICTOR_URL = JSON.parse((await predictor.said(/^\{.*"msg":"listening".*\}$/m))[0]).url
  const running = run(t, ['--expose-gc', '--import', './test/e2e/vitals.js', ...fromSource('gateway/src/server.ts')], {
    ...freePorts,
    ...env,
    PREDICTOR_URL,
    HTTP2: 'on',
    LOG_LEVEL: 'warn',
    RATE_LIMIT_RPS: '0',
    MAX_CONNECTIONS_PER_CLIENT: '1000',
    HEADERS_TIMEOUT_MS: '500',
    REQUEST_TIMEOUT_MS: '1000',
    HANDSHAKE_TIMEOUT_MS: '500'
  })
  // At this log level it says nothing of itself; the IPC channel does.
  const [{ url }] = await once(running.child, 'message')
  return { running, url, port: Number(new URL(url).port), ca, certFile: env.TLS_CERT_FILE! }
}

/** What the gateway holds now. */
async function vitalsOf ({ running }: Target): Promise<Vitals> {
  running.child.kill('SIGURG')
  const [vitals] = await once(running.child, 'message')
  return vitals
}

/** Goes on with one kind of client until the time is up; what becomes of it is not this test's matter. */
type Client = (target: Target) => Promise<unknown>

const keptAlive = new Agent({ keepAlive: true, maxSockets: 4 })

const clients: Record<string, Client> = {
  'kept-alive predictions': async ({ url, ca }) => {
    const sent = request(`${url}/predict`, { method: 'POST', headers, agent: keptAlive, ca })
    sent.end(body)
    const [response] = await once(sent, 'response')
    response.resume()
    await once(response, 'end')
  },
  'new connections, errors': async ({ url, ca }) => {
    await fetchOnce(`${url}/nowhere`, { ca })
    await fetchOnce(`${url}/predict`, { ca, method: 'POST', headers, body: '{' })
  },
  'HTTP/2 streams, half of them reset': async ({ url, ca }) => {
    const session = connectHttp2(url, { ca })
    session.on('error', () => {})
    const streams = Array.from({ length: 10 }, (_, index) => {
      const stream = session.request({ ':method': 'POST', ':path': '/predict', ...headers })
      stream.on('error', () => {})
      stream.end(body)
      stream.resume()
      if (index % 2 === 0) stream.close(8)
      return once(stream, 'close')
    })
    await Promise.all(streams)
    session.close()
    await once(session, 'close')
  },
  'clients that reset': async ({ port, ca }) => {
    const raw = connectTcp(port, '127.0.0.1')
    const socket = connect({ socket: raw, ca, servername: 'localhost' })
    socket.on('error', () => {})
    await once(socket, 'secureConnect')
    socket.write(`POST /predict HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`)
    await new Promise(setImmediate)
    raw.resetAndDestroy()
  },
  'bodies that never end': async (target) => {
    const socket = await tls(target)
    socket.write('POST /predict HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n1')
    socket.resume()
    await once(socket, 'close')
  },
  'bytes that are no HTTP': async (target) => {
    const socket = await tls(target)
    socket.write('NONSENSE\r\n\r\n')
    socket.resume()
    await once(socket, 'close')
  },
  'certificate written anew': async ({ certFile }) => {
    writeFileSync(certFile, readFileSync(certFile))
    await new Promise((resolve) => setTimeout(resolve, 500))
  }
}

async function tls ({ port, ca }: Target) {
  const socket = connect({ host: '127.0.0.1', port, ca, servername: 'localhost' })
  socket.on('error', () => {})
  await once(socket, 'secureConnect')
  return socket
}

async function loadFor (target: Target, duration: number): Promise<Record<string, number>> {
  const end = performance.now() + duration
  const counts: Record<string, number> = {}
  await Promise.all(Object.entries(clients).map(async ([name, client]) => {
    counts[name] = 0
    while (performance.now() < end) {
      await client(target)
      counts[name]!++
    }
  }))
  return counts
}

test(`${seconds} s of mixed load leave heap, sockets, timers and listeners where they were`, async (t) => {
  const target = await startTarget(t)
  t.after(() => keptAlive.destroy())
  // Caches, connections to the upstream and compiled code are there after the first round.
  await loadFor(target, 3000)
  keptAlive.destroy()
  const before = await vitalsOf(target)
  const counts = await loadFor(target, seconds * 1000)
  keptAlive.destroy()
  let after = await vitalsOf(target)
  // Connections that were just closed are let go within the time limits.
  for (let i = 0; i < 20 && (after.resources.TLSWrap ?? 0) > 0; i++) after = await vitalsOf(target)
  t.diagnostic(JSON.stringify({ counts, before, after }))
  assert.equal(after.resources.TLSWrap ?? 0, 0)
  assert.equal(after.listeners, before.listeners)
  assert.ok((after.resources.Timeout ?? 0) <= (before.resources.Timeout ?? 0) + 2, JSON.stringify({ before, after }))
  // The heap may breathe; a leak of a hundred bytes a request would show.
  const requests = Object.values(counts).reduce((sum, count) => sum + count, 0)
  const grown = after.heapUsed - before.heapUsed
  assert.ok(grown < 2e6 + requests * 50, `${grown} bytes after ${requests} requests`)
})

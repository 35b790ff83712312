import { createServer } from 'node:http'
import type { RequestListener, Server } from 'node:http'
import { connect as connectSession } from 'node:http2'
import type { ClientHttp2Session } from 'node:http2'
import { connect } from 'node:tls'
import type { TLSSocket } from 'node:tls'
import { request as httpsRequest } from 'node:https'
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { once } from 'node:events'
import { Writable } from 'node:stream'
import type { TestContext } from 'node:test'
import type { FastifyInstance } from 'fastify'
import { pino } from 'pino'
import { buildGateway, publicPort } from '../src/app.ts'
import { loadConfig } from '../src/config.ts'
import { ConnectionLimits } from '../src/limits/connections.ts'
import { createRateLimiter } from '../src/limits/rate-limit.ts'
import { EdgeCounts } from '../src/observe/metrics/counts.ts'
import { startTracing } from '../src/observe/tracing/tracing.ts'
import type { Tracing } from '../src/observe/tracing/tracing.ts'
import { buildRedirect } from '../src/redirect.ts'
import { securityHeaders } from '../src/security-headers.ts'
import { createUpstreams } from '../src/upstream/pool.ts'
import type { UpstreamPool } from '../src/upstream/pool.ts'
import { LiveTlsMaterial, loadTlsMaterial } from '../src/tls/material.ts'
import { makeCertificate, temporaryFolder, writeCertificate } from './credentials.ts'

type Scope = Pick<TestContext, 'after'>

const credentials = makeCertificate()

/** An HTTP server on a free loopback port, closed with the test. */
export async function startUpstream (t: Scope, listener: RequestListener): Promise<{ url: string, server: Server }> {
  const server = createServer(listener)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => { server.closeAllConnections(); server.close() })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server }
}

/** An upstream that answers with what it got. */
export const echo: RequestListener = (request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk) => chunks.push(chunk)).on('end', () => {
    const { method, url, headers, rawHeaders } = request
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ method, url, headers, rawHeaders, body: Buffer.concat(chunks).toString('latin1') }))
  })
}

/** An upstream that is always ready; the requests that a test sends are all that reach its listener. */
function healthy (listener: RequestListener): RequestListener {
  return (request, response) => {
    if (request.url === '/v2/health/ready') response.end()
    else listener(request, response)
  }
}

export interface TestGateway {
  app: FastifyInstance
  redirect: FastifyInstance
  upstreams: UpstreamPool
  connections: ConnectionLimits
  counts: EdgeCounts
  tracing: Tracing | undefined
  port: number
  redirectPort: number
  ca: string
  /** The parsed log lines so far. */
  logged: Record<string, unknown>[]
}

/** A gateway as in production, on free ports, in front of `listener` or of PREDICTOR_URL when that is set. */
export async function startGateway (
  t: Scope, env: Record<string, string> = {}, listener: RequestListener = echo
): Promise<TestGateway> {
  const url = env.PREDICTOR_URL ?? (await startUpstream(t, healthy(listener))).url
  const { config } = loadConfig({ PREDICTOR_URL: url, HTTPS_PORT: '0', HTTP_PORT: '0', ...env })
  const { cert, key } = await credentials
  const logged: Record<string, unknown>[] = []
  const logger = pino({ level: 'debug' }, new Writable({
    write: (line, _encoding, done) => { logged.push(JSON.parse(String(line))); done() }
  }))
  const upstreams = createUpstreams(config, logger)
  await upstreams.start()
  const connections = new ConnectionLimits(config.MAX_CONNECTIONS, config.MAX_CONNECTIONS_PER_CLIENT)
  const headers = await securityHeaders(config.HSTS_MAX_AGE ?? 0)
  const counts = new EdgeCounts()
  const tracing = await startTracing(config, logger)
  const parts = { logger, limiter: await createRateLimiter(config, logger), connections, counts, tracing, headers }
  const http2 = config.HTTP2 === 'on'
  const folder = temporaryFolder(t)
  const { certFile, keyFile } = writeCertificate(folder, { cert, key })
  const files = { ...config, TLS_CERT_FILE: certFile, TLS_KEY_FILE: keyFile }
  const tls = new LiveTlsMaterial(files, await loadTlsMaterial(files), logger)
  const app = await buildGateway(config, { ...parts, tls, http2, upstreams })
  const redirect = await buildRedirect(config, parts, () => publicPort(config, app))
  const sockets = new Set<Socket>()
  for (const { server } of [app, redirect]) server.on('connection', (socket: Socket) => sockets.add(socket))
  const port = await open(app)
  const redirectPort = await open(redirect)
  t.after(async () => {
    for (const socket of sockets) socket.destroy()
    tls.close()
    await Promise.all([app.close(), redirect.close(), upstreams.close(), tracing?.close(0)])
  })
  return { app, redirect, upstreams, connections, counts, tracing, port, redirectPort, ca: cert, logged }
}

async function open (app: FastifyInstance): Promise<number> {
  await app.ready()
  app.server.listen(0, '127.0.0.1')
  await once(app.server, 'listening')
  return (app.server.address() as AddressInfo).port
}

export interface Answer {
  status: number
  headers: IncomingHttpHeaders
  body: string
  // What tests read out of it is theirs to know.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  json: any
}

interface AskOptions { method?: string, path?: string, headers?: OutgoingHttpHeaders, body?: string | Buffer }

/** One HTTPS request on a connection of its own. */
export async function ask (gateway: TestGateway, { method = 'GET', path = '/', headers = {}, body }: AskOptions = {}): Promise<Answer> {
  const request = httpsRequest({ host: '127.0.0.1', port: gateway.port, ca: gateway.ca, method, path, headers, agent: false, servername: 'localhost' })
  request.end(body)
  const [response] = await once(request, 'response')
  response.setEncoding('utf8')
  let text = ''
  for await (const chunk of response) text += chunk
  return { status: response.statusCode, headers: response.headers, body: text, json: isJson(text) ? JSON.parse(text) : undefined }
}

/** An HTTP/2 connection, closed with the test. */
export async function connectHttp2 (t: Scope, gateway: TestGateway): Promise<ClientHttp2Session> {
  const session = connectSession(`https://localhost:${gateway.port}`, { ca: gateway.ca, host: '127.0.0.1', servername: 'localhost' })
  session.on('error', () => {})
  t.after(() => session.destroy())
  await once(session, 'connect')
  return session
}

/** One HTTP/2 request. */
export async function askHttp2 (
  session: ClientHttp2Session, { method = 'GET', path = '/', headers = {}, body }: AskOptions = {}
): Promise<Answer> {
  const stream = session.request({ ':method': method, ':path': path, ...headers })
  stream.end(body)
  const [answer] = await once(stream, 'response') as [IncomingHttpHeaders & { ':status': number }]
  stream.setEncoding('utf8')
  let text = ''
  for await (const chunk of stream) text += chunk
  return { status: answer[':status'], headers: answer, body: text, json: isJson(text) ? JSON.parse(text) : undefined }
}

function isJson (text: string): boolean {
  return text.startsWith('{') && text.endsWith('}')
}

/** A TLS connection for bytes of the test's own making. */
export async function connectTo (t: Scope, gateway: TestGateway): Promise<TLSSocket> {
  const socket = connect({ host: '127.0.0.1', port: gateway.port, ca: gateway.ca, servername: 'localhost' })
  socket.on('error', () => {})
  t.after(() => socket.destroy())
  await once(socket, 'secureConnect')
  return socket
}

/** Sends bytes and returns all that comes back until the gateway ends the connection. */
export async function sendRaw (t: Scope, gateway: TestGateway, bytes: string): Promise<string> {
  const socket = await connectTo(t, gateway)
  socket.write(bytes, 'latin1')
  let text = ''
  socket.on('data', (chunk) => { text += chunk.toString('latin1') })
  await new Promise((resolve) => socket.once('close', resolve).once('end', resolve))
  return text
}

/** The status of the first answer in raw bytes. */
export function statusOf (raw: string): number {
  return Number(/^HTTP\/1\.1 (\d{3})/.exec(raw)?.[1])
}

/** Resolves when a condition holds that no event tells of; `meanwhile` is done until then. */
export async function until (holds: () => boolean, meanwhile: () => unknown = () => {}): Promise<void> {
  while (!holds()) {
    await meanwhile()
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

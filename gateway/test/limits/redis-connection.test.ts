import assert from 'node:assert/strict'
import { execFile, execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { promisify } from 'node:util'
import { Redis } from 'ioredis'
import { RedisLimiter } from '../../src/limits/redis-limiter.ts'
import { recordingLog } from './recording-log.ts'
import { freePort, hasRedis, hasTool, startRedis } from './redis-process.ts'

const SECONDS = 1000
const limit = { requestsPerSecond: 1, burst: 5, maxClients: 10 }

function openLimiter (t: TestContext, url: string) {
  const log = recordingLog()
  const limiter = new RedisLimiter({ ...limit, url, log })
  t.after(() => limiter.close())
  return { limiter, log }
}

test('authenticates, and uses the database of the URL', { timeout: 60 * SECONDS }, async (t) => {
  if (!hasRedis(t)) return
  const { port } = await startRedis(t, await freePort(), '--requirepass', 'p@ss/w%rd')
  const { limiter } = openLimiter(t, `redis://:p%40ss%2Fw%25rd@127.0.0.1:${port}/3`)
  assert.ok(await limiter.opened)
  await limiter.consume('a')
  const client = new Redis({ port, password: 'p@ss/w%rd', db: 3 })
  t.after(() => client.disconnect())
  assert.deepEqual(await client.keys('*'), ['model-edge:rate:a'])
  assert.equal(limiter.failures, 0)
})

test('a wrong password is reported, but never repeated in the log', { timeout: 60 * SECONDS }, async (t) => {
  if (!hasRedis(t)) return
  const { port } = await startRedis(t, await freePort(), '--requirepass', 'right')
  const { limiter, log } = openLimiter(t, `redis://:wrong-secret@127.0.0.1:${port}`)
  assert.equal(await limiter.opened, false)
  assert.ok((await limiter.consume('a')).admitted)
  assert.equal(log.lines.length, 1)
  assert.match(log.lines[0]!.text, /WRONGPASS/)
  assert.doesNotMatch(log.lines[0]!.text, /wrong-secret/)
})

test('an answer that is an error leaves the decision to this process', { timeout: 60 * SECONDS }, async (t) => {
  if (!hasRedis(t)) return
  const { url } = await startRedis(t, await freePort())
  const { limiter, log } = openLimiter(t, url)
  const client = new Redis(url)
  t.after(() => client.disconnect())
  assert.ok(await limiter.opened)
  await client.replicaof('127.0.0.1', '1') // a replica takes no writes, and the port has no primary
  for (let request = 0; request < 5; request++) assert.ok((await limiter.consume('a')).admitted)
  assert.ok(!(await limiter.consume('a')).admitted)
  assert.equal(limiter.failures, 6)
  await client.replicaof('NO', 'ONE')
  assert.equal((await limiter.consume('a')).remaining, 4)
  assert.deepEqual(log.levels(), ['error', 'info'])
  assert.match(log.lines[0]!.text, /READONLY/)
})

/** Runs a process that makes a limiter, asks it once, closes it, and must then end by itself; answers what it printed. */
async function inOwnProcess (url: string, environment: NodeJS.ProcessEnv = {}): Promise<unknown> {
  const program = `
    import { RedisLimiter } from ${JSON.stringify(new URL('../../src/limits/redis-limiter.ts', import.meta.url))}
    const limiter = new RedisLimiter({ ...${JSON.stringify({ ...limit, url })}, log: { info () {}, error () {} } })
    const opened = await limiter.opened
    const { admitted } = await limiter.consume('a')
    limiter.close()
    console.log(JSON.stringify({ opened, admitted }))`
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program], {
    env: { ...process.env, ...environment }, timeout: 20 * SECONDS
  })
  return JSON.parse(stdout)
}

test('after close nothing keeps the process alive, with Redis and without', { timeout: 60 * SECONDS }, async (t) => {
  if (!hasRedis(t)) return
  const redis = await startRedis(t, await freePort())
  assert.deepEqual(await inOwnProcess(redis.url), { opened: true, admitted: true })
  await redis.signal('SIGSTOP')
  assert.deepEqual(await inOwnProcess(redis.url), { opened: false, admitted: true })
  await redis.signal('SIGKILL')
  assert.deepEqual(await inOwnProcess(redis.url), { opened: false, admitted: true })
})

test('rediss: speaks TLS, and only to a certificate that it can verify', { timeout: 60 * SECONDS }, async (t) => {
  if (!hasRedis(t) || !hasTool(t, 'openssl', 'version')) return
  const folder = mkdtempSync(join(tmpdir(), 'redis-tls-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')]
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '1',
    '-subj', '/CN=redis', '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', key, '-out', certificate], { stdio: 'ignore' })
  const [port, tlsPort] = [await freePort(), await freePort()]
  await startRedis(t, port, '--tls-port', `${tlsPort}`, '--tls-cert-file', certificate, '--tls-key-file', key,
    '--tls-ca-cert-file', certificate, '--tls-auth-clients', 'no')
  const url = `rediss://127.0.0.1:${tlsPort}`
  assert.deepEqual(await inOwnProcess(url, { NODE_EXTRA_CA_CERTS: certificate }), { opened: true, admitted: true })
  assert.deepEqual(await inOwnProcess(url), { opened: false, admitted: true })
})

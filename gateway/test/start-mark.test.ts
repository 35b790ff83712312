import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { test } from 'node:test'
import { pino } from 'pino'
import { StartMark } from '../src/start-mark.ts'
import { temporaryFolder } from './credentials.ts'

type Logged = Record<string, unknown>

/** A run of a gateway on port 8443, by a clock of the test's own. */
function run (folder: string, now: number, HTTPS_PORT = 8443): { mark: StartMark, logged: Logged[] } {
  const logged: Logged[] = []
  const logger = pino({ level: 'debug' }, new Writable({ write: (line, _encoding, done) => { logged.push(JSON.parse(line)); done() } }))
  const mark = new StartMark({ GATEWAY_HOST: '127.0.0.1', HTTPS_PORT }, logger, folder)
  mark.set(now)
  return { mark, logged }
}

const told = (logged: Logged[]) => logged.map(({ level, msg, crashes }) => [level, msg, crashes])
const minute = 60_000
const crashed = 'started after a run that did not end in order'

test('a run that ended in order leaves nothing', (t) => {
  const folder = join(temporaryFolder(t), 'marks')
  run(folder, 0).mark.clear()
  assert.deepEqual(readdirSync(folder), [])
  assert.deepEqual(run(folder, 1).logged, [])
})

test('one that did not is told as an error at the next start, with when it began', (t) => {
  const folder = join(temporaryFolder(t), 'marks')
  run(folder, Date.UTC(2026, 0, 2))
  const { logged, mark } = run(folder, Date.UTC(2026, 0, 3))
  assert.deepEqual(told(logged), [[50, crashed, 1]])
  assert.match(String(logged[0]!.reason), /2026-01-02T00:00:00.000Z/)
  mark.clear()
  assert.deepEqual(run(folder, Date.UTC(2026, 0, 4)).logged, [])
})

test('who crashes again and again tells of it once a minute, with how often', (t) => {
  const folder = join(temporaryFolder(t), 'marks')
  run(folder, 10 * minute)
  const levels: unknown[][] = []
  for (let second = 1; second <= 130; second++) levels.push(...told(run(folder, 10 * minute + second * 1000).logged))
  assert.deepEqual(levels.filter(([level]) => level === 50), [[50, crashed, 1], [50, crashed, 61], [50, crashed, 121]])
  assert.equal(levels.length, 130)
})

test('each port has a mark of its own; any free port has none', (t) => {
  const folder = join(temporaryFolder(t), 'marks')
  run(folder, 0)
  assert.deepEqual(run(folder, 1, 9443).logged, [])
  run(folder, 1, 0)
  assert.equal(readdirSync(folder).length, 2)
})

test('a mark that is cut short, or of another making, is still one', (t) => {
  const folder = temporaryFolder(t)
  run(folder, 0)
  const file = join(folder, readdirSync(folder)[0]!)
  for (const text of ['', '{"started', '[]', 'null', '{"crashes":"<!channel>"}', '{"startedAt":1e300}']) {
    writeFileSync(file, text)
    assert.deepEqual(told(run(folder, 10 * minute).logged), [[50, crashed, 1]], text)
  }
})

test('where nothing can be written it is off, and says so at debug alone', (t) => {
  const folder = temporaryFolder(t)
  writeFileSync(join(folder, 'file'), '')
  symlinkSync(folder, join(folder, 'link'))
  for (const impossible of ['/proc/marks', join(folder, 'file', 'marks'), join(folder, 'link')]) {
    const { mark, logged } = run(impossible, 0)
    mark.clear()
    assert.deepEqual(logged.map(({ level }) => level), [20], impossible)
  }
  assert.deepEqual(readdirSync(folder).sort(), ['file', 'link'])
})

test('nobody else can read or plant a mark: folder and file are this user’s alone, and no link is followed', (t) => {
  const folder = join(temporaryFolder(t), 'marks')
  run(folder, 0)
  const [name] = readdirSync(folder)
  assert.deepEqual([statSync(folder).mode & 0o777, statSync(join(folder, name!)).mode & 0o777], [0o700, 0o600])
  const planted = join(temporaryFolder(t), 'planted')
  mkdirSync(planted)
  symlinkSync(join(folder, 'elsewhere'), join(planted, name!))
  assert.deepEqual(run(planted, 0).logged.map(({ level }) => level), [20])
  assert.ok(!existsSync(join(folder, 'elsewhere')))
})

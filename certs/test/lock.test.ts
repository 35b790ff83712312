import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { CertsError } from '../src/errors.ts'
import { withLock } from '../src/lock.ts'
import { endedProcess, newFolder } from './helper.ts'

function lockPath (t: TestContext): string {
  const directory = newFolder(t)
  mkdirSync(directory)
  return join(directory, '.lock')
}

function leave (path: string, text: string, ageInSeconds = 0): void {
  writeFileSync(path, text)
  const then = Date.now() / 1000 - ageInSeconds
  utimesSync(path, then, then)
}

const alive = (host = hostname()) => JSON.stringify({ pid: process.pid, host })
const dead = (host = hostname()) => JSON.stringify({ pid: endedProcess(), host })

test('work under one lock is done one after the other, also when some of it fails', async (t) => {
  const path = lockPath(t)
  const order: string[] = []
  const runs = Array.from({ length: 8 }, (_, index) => withLock(path, async () => {
    order.push('in')
    await nextTurn()
    order.push('out')
    if (index % 2 === 0) throw new Error('failed')
    return index
  }))
  const results = await Promise.allSettled(runs)
  assert.deepEqual(order, Array.from({ length: 8 }, () => ['in', 'out']).flat())
  assert.deepEqual(results.map(({ status }) => status), Array.from({ length: 4 }, () => ['rejected', 'fulfilled']).flat())
  assert.deepEqual(readdirSync(join(path, '..')), [])
})

for (const { what, text, age, guardAge } of [
  { what: 'its process has ended', text: dead(), age: 0 },
  { what: 'it is a minute old, though there is a process with its id', text: alive(), age: 61 },
  { what: 'it is a minute old, and of another machine', text: alive('elsewhere'), age: 61 },
  { what: 'its process was killed before it wrote its id', text: '', age: 6 },
  { what: 'its process has ended, and so has one that was about to remove it', text: dead(), age: 0, guardAge: 6 }
]) {
  test(`a lock is taken over when ${what}`, async (t) => {
    const path = lockPath(t)
    leave(path, text, age)
    if (guardAge !== undefined) leave(`${path}.takeover`, '1', guardAge)
    assert.equal(await withLock(path, async () => 'done'), 'done')
    assert.deepEqual(readdirSync(join(path, '..')), [])
  })
}

for (const { what, text } of [
  { what: 'its process runs', text: alive() },
  { what: 'it is of another machine, whose processes can\'t be asked', text: dead('elsewhere') },
  { what: 'it was created just now', text: '' }
]) {
  test(`a lock is respected when ${what}`, async (t) => {
    const path = lockPath(t)
    leave(path, text)
    await assert.rejects(withLock(path, () => assert.fail('the work was done'), 100), (error) =>
      error instanceof CertsError && error.message.includes(`delete ${path}`))
    assert.equal(readFileSync(path, 'utf8'), text)
  })
}

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { createBatchQueue, Failure, type Outcome } from '../../src/inference/batch-queue.ts'
import type { Row } from '../../src/schemas/row.ts'

/** A classifier that calls a row by its first number, throws on 13, overflows on 99, and notes its executions. */
function noting () {
  const executions: number[][] = []
  const classify = (rows: readonly Row[]) => {
    executions.push(rows.map(([first]) => first!))
    if (rows.some(([first]) => first === 13)) throw new Error('thirteen')
    return rows.map(([first]) => first === 99 ? undefined : { label: String(first), probabilities: [1] })
  }
  return { executions, classify }
}

const rows = (...numbers: number[]): Row[] => numbers.map((number) => [number])
const labels = (outcomes: Outcome[]) => outcomes.map((outcome) => outcome instanceof Failure ? 'failure' : outcome?.label)
const range = (length: number, from = 0) => Array.from({ length }, (_, i) => from + i)

test('what comes in one turn shares an execution, and each gets its own outcomes', async () => {
  const { executions, classify } = noting()
  const { submit } = createBatchQueue({ classify }, { executionMax: 10, queueMax: 100 })
  const outcomes = await Promise.all([submit(rows(1)), submit(rows(2, 99, 3)), submit([]), submit(rows(4))])
  assert.deepEqual(outcomes.map(labels), [['1'], ['2', undefined, '3'], [], ['4']])
  assert.deepEqual(executions, [[1, 2, 99, 3, 4]])
})

test('a lone row is executed in the turn in which it came', async () => {
  const { executions, classify } = noting()
  const { submit } = createBatchQueue({ classify }, { executionMax: 10, queueMax: 100 })
  void submit(rows(1))
  await nextTurn()
  assert.deepEqual(executions, [[1]])
})

test('no execution is larger than its limit; the oldest rows come first, one execution a turn', async () => {
  const { executions, classify } = noting()
  const { submit } = createBatchQueue({ classify }, { executionMax: 4, queueMax: 100 })
  const settled: number[] = []
  const submissions = [range(3), range(6, 3), range(1, 9)].map(async (numbers, i) => {
    const outcomes = await submit(rows(...numbers))
    settled.push(i)
    assert.deepEqual(labels(outcomes), numbers.map(String))
  })
  await nextTurn()
  assert.deepEqual([executions, settled], [[[0, 1, 2, 3]], [0]])
  await Promise.all(submissions)
  assert.deepEqual(executions, [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]])
  assert.deepEqual(settled, [0, 1, 2])
})

test('when an execution throws, its rows are executed one by one and only the one at fault fails', async () => {
  const { executions, classify } = noting()
  const { submit } = createBatchQueue({ classify }, { executionMax: 10, queueMax: 100 })
  const outcomes = await Promise.all([submit(rows(1, 2)), submit(rows(13)), submit(rows(3))])
  assert.deepEqual(outcomes.map(labels), [['1', '2'], ['failure'], ['3']])
  assert.equal(((outcomes[1]![0] as Failure).cause as Error).message, 'thirteen')
  assert.deepEqual(executions, [[1, 2, 13, 3], [1], [2], [13], [3]])
})

test('rows that do not fit in the queue are refused together, and the queue takes more when it has room', async () => {
  const { executions, classify } = noting()
  const { submit } = createBatchQueue({ classify }, { executionMax: 2, queueMax: 3 })
  const first = submit(rows(1, 2))
  await assert.rejects(submit(rows(3, 4)), { code: 'OVERLOADED', statusCode: 503 })
  assert.deepEqual(labels(await submit(rows(5))), ['5'])
  assert.deepEqual(labels(await first), ['1', '2'])
  assert.deepEqual(labels(await submit(rows(6, 7, 8))), ['6', '7', '8'])
  assert.ok(!executions.flat().includes(3))
})

test('the rest of a request that was admitted is not refused, but counts', async () => {
  const { classify } = noting()
  const { submit } = createBatchQueue({ classify }, { executionMax: 2, queueMax: 2 })
  const waiting = [submit(rows(1, 2), 'bulk'), submit(rows(3, 4), 'more')]
  await assert.rejects(submit(rows(5), 'bulk'), { code: 'OVERLOADED' })
  assert.deepEqual((await Promise.all(waiting)).map(labels), [['1', '2'], ['3', '4']])
})

test('rows in bulk leave single ones their places, and their turn', async () => {
  const { executions, classify } = noting()
  const queue = createBatchQueue({ classify }, { executionMax: 3, queueMax: 4 })
  const bulk = queue.submit(rows(1, 2, 3, 4), 'bulk')
  await assert.rejects(queue.submit(rows(5), 'bulk'), { code: 'OVERLOADED' })
  const single = [queue.submit(rows(6)), queue.submit(rows(7))]
  assert.equal(queue.waiting, 6)
  assert.deepEqual((await Promise.all(single)).map(labels), [['6'], ['7']])
  assert.deepEqual(labels(await bulk), ['1', '2', '3', '4'])
  assert.deepEqual(executions, [[6, 7, 1], [2, 3, 4]])
  assert.equal(queue.waiting, 0)
})

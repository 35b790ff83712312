import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Histogram, Registry } from 'prom-client'
import fc from 'fast-check'
import { Distribution } from '../../../src/observe/metrics/distribution.ts'
import { Exposition } from '../../../src/observe/metrics/exposition.ts'

const bounds = [0.001, 0.01, 0.1, 1]

test('a histogram reads as prom-client’s own would, whatever was observed', async () => {
  await fc.assert(fc.asyncProperty(fc.array(fc.double({ min: 0, max: 10, noNaN: true })), async (values) => {
    const [ours, theirs] = [new Registry(), new Registry()]
    const description = { name: 'a_seconds', help: 'Help.', labels: ['kind'] }
    const distribution = new Distribution(bounds)
    new Exposition(ours).histogram(description, () => [[{ kind: 'one "two"\n' }, distribution]])
    const histogram = new Histogram({ ...description, labelNames: ['kind'], buckets: bounds, registers: [theirs] })
    histogram.zero({ kind: 'one "two"\n' })
    for (const value of values) {
      distribution.observe(value)
      histogram.observe({ kind: 'one "two"\n' }, value)
    }
    const samples = (text: string) => text.split('\n').map((line) => line.replace(/\{.*\}/, (labels) => labels.slice(1, -1).split(/,(?=\w+=)/).sort().join())).sort()
    assert.deepEqual(samples(await ours.metrics()), samples(await theirs.metrics()))
  }))
})

test('gauges and counters are read anew at each scrape, and what is gone is not told any more', async () => {
  const registry = new Registry()
  const exposition = new Exposition(registry)
  let readings: [Record<string, string>, number][] = [[{ a: '1' }, 5], [{ a: '2' }, 6]]
  exposition.gauge({ name: 'some', help: 'Help.', labels: ['a'] }, () => readings)
  exposition.counter({ name: 'more_total', help: 'Help.', labels: ['a'] }, () => readings)
  assert.match(await registry.metrics(), /some\{a="1"\} 5\nsome\{a="2"\} 6\n[^]*more_total\{a="1"\} 5\nmore_total\{a="2"\} 6/)
  readings = [[{ a: '2' }, 7]]
  const text = await registry.metrics()
  assert.match(text, /some\{a="2"\} 7\n[^]*more_total\{a="2"\} 7/)
  assert.doesNotMatch(text, /a="1"/)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Registry } from 'prom-client'
import { Exposition } from '../../../src/observe/metrics/exposition.ts'
import { exposeRuntime } from '../../../src/observe/metrics/runtime.ts'
import { until } from '../../helper.ts'

const registry = new Registry()
exposeRuntime(new Exposition(registry))

async function valueOf (sample: string): Promise<number> {
  const line = (await registry.metrics()).split('\n').find((line) => line.startsWith(`${sample} `))
  return Number(line?.slice(sample.length + 1))
}

/** Keeps the event loop for so many milliseconds. */
function hold (ms: number): void {
  for (const end = performance.now() + ms; performance.now() < end;);
}

test('a turn of the event loop that took long shows in the next scrape, and in that one alone', async () => {
  await registry.metrics()
  // A delay is measured between two looks, 10 ms apart.
  await new Promise((resolve) => setTimeout(resolve, 100))
  hold(300)
  await new Promise((resolve) => setTimeout(resolve, 100))
  const first = await registry.metrics()
  const max = (text: string) => Number(/^nodejs_eventloop_delay_max_seconds (\S+)$/m.exec(text)![1])
  assert.ok(max(first) > 0.2, first)
  assert.ok(max(await registry.metrics()) < 0.2)
})

test('time at work, processor time, memory and start are told', async () => {
  const busy = 'nodejs_eventloop_time_seconds_total{nodejs_eventloop_state="active"}'
  const [before, processor] = [await valueOf(busy), await valueOf('process_cpu_time_seconds_total{cpu_mode="user"}')]
  hold(100)
  assert.ok(await valueOf(busy) > before)
  assert.ok(await valueOf('process_cpu_time_seconds_total{cpu_mode="user"}') > processor)
  const rss = await valueOf('process_memory_usage_bytes')
  assert.ok(rss > 10e6 && rss < 10e9)
  const started = await valueOf('process_start_time_seconds')
  assert.ok(started <= Date.now() / 1000 && started > Date.now() / 1000 - 3600)
  assert.ok(await valueOf('v8js_memory_heap_used_bytes{v8js_heap_space_name="old_space"}') > 0)
  assert.ok(await valueOf('v8js_memory_heap_max_bytes') > 100e6)
})

test('garbage collections are told by kind', async () => {
  const minor = 'v8js_gc_duration_seconds_count{v8js_gc_type="minor"}'
  const before = await valueOf(minor)
  let kept: unknown[] = []
  let seen = before
  await until(() => seen > before, async () => {
    kept = Array.from({ length: 1e5 }, () => ({ kept }))
    kept = []
    seen = await valueOf(minor)
  })
})

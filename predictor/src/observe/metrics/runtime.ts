import { readdirSync } from 'node:fs'
import { PerformanceObserver, constants, monitorEventLoopDelay, performance } from 'node:perf_hooks'
import type { PerformanceEntry } from 'node:perf_hooks'
import { getHeapSpaceStatistics, getHeapStatistics } from 'node:v8'
import { Distribution } from './distribution.ts'
import type { Exposition, Reading } from './exposition.ts'

/** The process, its event loop and its memory, under OpenTelemetry's names for processes, Node.js and V8. */
export function exposeRuntime (exposition: Exposition): void {
  exposeProcess(exposition)
  exposeEventLoop(exposition)
  exposeHeap(exposition)
}

function exposeProcess (exposition: Exposition): void {
  exposition.counter({ name: 'process_cpu_time_seconds_total', help: 'Processor time used.', labels: ['cpu_mode'] }, () => {
    const { user, system } = process.cpuUsage()
    return [[{ cpu_mode: 'user' }, user / 1e6], [{ cpu_mode: 'system' }, system / 1e6]]
  })
  exposition.gauge({ name: 'process_memory_usage_bytes', help: 'Memory in use (resident set).' }, () => process.memoryUsage.rss())
  exposition.gauge({ name: 'process_open_file_descriptor_count', help: 'Open files and sockets; on Linux alone.' }, openFiles)
  const started = (Date.now() - process.uptime() * 1000) / 1000
  exposition.gauge({ name: 'process_start_time_seconds', help: 'When the process started, in Unix time.' }, () => started)
}

function openFiles (): Reading<number>[] {
  try {
    // Reading the folder opens one more.
    return [[{}, readdirSync('/proc/self/fd').length - 1]]
  } catch {
    return []
  }
}

/** Milliseconds between two looks of the delay's sampler, which it counts as delay. */
const resolution = 10

/** The delays since the last time somebody asked: one slow turn must not hide among those of a week. */
function exposeEventLoop (exposition: Exposition): void {
  const delays = monitorEventLoopDelay({ resolution })
  delays.enable()
  const seconds = (nanoseconds: number) => Math.max(0, nanoseconds / 1e9 - resolution / 1000)
  const told: [name: string, read: () => number][] = [
    ['mean', () => delays.count === 0 ? 0 : delays.mean], ['p50', () => delays.percentile(50)],
    ['p99', () => delays.percentile(99)], ['max', () => delays.count === 0 ? 0 : delays.max]
  ]
  for (const [name, read] of told) {
    exposition.gauge({ name: `nodejs_eventloop_delay_${name}_seconds`, help: `Event loop delay since the last scrape: ${name}.` }, () => {
      const value = seconds(read())
      // The registry asks in the order of registration, and goes by the last one.
      if (name === 'max') delays.reset()
      return value
    })
  }
  exposition.counter({
    name: 'nodejs_eventloop_time_seconds_total', help: 'Time the event loop spent at work and waiting.', labels: ['nodejs_eventloop_state']
  }, () => {
    const { active, idle } = performance.eventLoopUtilization()
    return [[{ nodejs_eventloop_state: 'active' }, active / 1000], [{ nodejs_eventloop_state: 'idle' }, idle / 1000]]
  })
}

const kinds: Record<number, string> = {
  [constants.NODE_PERFORMANCE_GC_MAJOR]: 'major',
  [constants.NODE_PERFORMANCE_GC_MINOR]: 'minor',
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL]: 'incremental',
  [constants.NODE_PERFORMANCE_GC_WEAKCB]: 'weakcb'
}
/** Seconds: OpenTelemetry's bounds, with one below for young collections. */
const pauses = [0.001, 0.01, 0.1, 1, 10]

function exposeHeap (exposition: Exposition): void {
  const collections = new Map(Object.values(kinds).map((kind) => [kind, new Distribution(pauses)]))
  new PerformanceObserver((list) => {
    for (const { detail, duration } of list.getEntries() as (PerformanceEntry & { detail: { kind: number } })[]) {
      collections.get(kinds[detail.kind] ?? '')?.observe(duration / 1000)
    }
  }).observe({ entryTypes: ['gc'] })
  exposition.histogram({ name: 'v8js_gc_duration_seconds', help: 'Garbage collections.', labels: ['v8js_gc_type'] }, () =>
    [...collections].map(([kind, distribution]) => [{ v8js_gc_type: kind }, distribution]))
  const spaces = (read: (space: ReturnType<typeof getHeapSpaceStatistics>[number]) => number) => (): Reading<number>[] =>
    getHeapSpaceStatistics().map((space) => [{ v8js_heap_space_name: space.space_name }, read(space)])
  const labels = ['v8js_heap_space_name']
  exposition.gauge({ name: 'v8js_memory_heap_used_bytes', help: 'Heap in use.', labels }, spaces((space) => space.space_used_size))
  exposition.gauge({ name: 'v8js_memory_heap_space_physical_size_bytes', help: 'Memory that the heap has of the system.', labels },
    spaces((space) => space.physical_space_size))
  exposition.gauge({ name: 'v8js_memory_heap_max_bytes', help: 'What the heap may grow to; past it the process ends.' },
    () => getHeapStatistics().heap_size_limit)
}

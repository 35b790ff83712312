// Run by million-clients.test.ts in a process of its own: what a million clients cost there, as JSON.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { MemoryLimiter } from '../../src/limits/memory-limiter.ts'

const clients = 1_000_000
const addressOf = (client: number): string => `10.${client >>> 16}.${client >>> 8 & 255}.${client & 255}`
/** Visits every client once, in an order that no cache foresees: the step and the count have no common divisor. */
const scattered = (step: number): string => addressOf(step * 611_953 % clients)

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void
const residentBytes = (): number => {
  collectGarbage()
  return process.memoryUsage.rss()
}

/** Processor time, so that other processes on the machine count little. */
function nanosecondsEach (each: (step: number) => void): number {
  const from = process.cpuUsage()
  for (let step = 0; step < clients; step++) each(step)
  return Math.round(process.cpuUsage(from).user * 1000 / clients)
}

const warmUp = new MemoryLimiter({ requestsPerSecond: 0.001, burst: 100, maxClients: 1000 })
for (let step = 0; step < 50_000; step++) warmUp.consume(scattered(step))

const before = residentBytes()
const limiter = new MemoryLimiter({ requestsPerSecond: 0.001, burst: 100 })
for (let step = 0; step < 1000; step++) limiter.consume(addressOf(step))
const ofAThousand = residentBytes() - before
const newcomerNs = nanosecondsEach((step) => limiter.consume(addressOf(step)))
const ofAMillion = residentBytes() - before
const keyNs = nanosecondsEach(scattered)
const knownNs = nanosecondsEach((step) => limiter.consume(scattered(step))) - keyNs
const evictionNs = nanosecondsEach((step) => limiter.consume(`new ${addressOf(step)}`))

console.log(JSON.stringify({
  size: limiter.size, byteLength: limiter.byteLength, ofAThousand, ofAMillion, newcomerNs, knownNs, evictionNs
}))

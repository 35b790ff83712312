/**
 * Loaded into a service with `--import` by tests that look for leaks: answers each SIGURG with what the process holds,
 * after a full garbage collection (`--expose-gc`).
 */
process.on('SIGURG', async () => {
  // Twice, with a turn between: what the first one finalises the second one frees.
  globalThis.gc()
  await new Promise((resolve) => setImmediate(resolve))
  globalThis.gc()
  const resources = {}
  for (const name of process.getActiveResourcesInfo()) resources[name] = (resources[name] ?? 0) + 1
  const listeners = process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0)
  process.send({ event: 'vitals', heapUsed: process.memoryUsage().heapUsed, listeners, resources })
})

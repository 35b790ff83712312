import { createServer } from 'node:http'
import { createLogger } from '../src/observe/logger.ts'
import { endWithGrace } from '../src/process-life.ts'

/** A process with a life as the gateway's, for process-life.test.ts: says what happens, and does as it is told over IPC. */
const logger = await createLogger('info')
const server = createServer().listen(0)

endWithGrace({
  logger,
  drainDelay: 0,
  shutdownTimeout: Number(process.env.SHUTDOWN_TIMEOUT_MS),
  unready: () => logger.info('unready'),
  close: () => new Promise((resolve) => {
    logger.info('closing')
    if (process.env.NEVER_CLOSES === undefined) server.close(() => resolve())
  })
})

process.on('message', (how) => {
  if (how === 'throw') throw new Error('outside', { cause: new Error('inside') })
  if (how === 'reject') void Promise.reject(new Error('outside', { cause: new Error('inside') }))
})
process.send?.('up')

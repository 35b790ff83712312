import closeWithGrace from 'close-with-grace'
import type { Logger } from 'pino'

interface Life {
  logger: Logger
  /** Milliseconds between being told to end and taking no more connections. */
  drainDelay: number
  /** Milliseconds after which what is not finished is cut off. */
  shutdownTimeout: number
  /** Turns readiness off. */
  unready: () => void
  /** Takes no more connections and resolves when everything under way is done. */
  close: () => Promise<void>
  /** Called when it has ended in order, for no error's sake. */
  inOrder?: () => void
}

/**
 * Ends the process in order on SIGTERM, SIGINT, an uncaught error, or when the parent that supervises it has gone:
 * readiness off, wait for load balancers to see it, close, exit 0. Exit 1 after an error or past the deadline.
 */
export function endWithGrace ({ logger, drainDelay, shutdownTimeout, unready, close, inOrder }: Life): void {
  const grace = closeWithGrace({
    delay: shutdownTimeout,
    logger: false,
    // Switches the log level instead.
    skip: ['SIGUSR2'],
    onTimeout: () => logger.fatal(`shutdown took longer than ${shutdownTimeout} ms; what was still under way is cut off`),
    onSecondSignal: (signal) => logger.fatal(`second ${signal}: ending at once`),
    onSecondError: (error) => logger.fatal({ err: error }, 'second uncaught error: ending at once')
  }, async ({ err, signal }) => {
    if (err !== undefined) logger.fatal({ err }, 'uncaught error: draining, then ending')
    else logger.info({ signal }, 'draining')
    unready()
    if (err === undefined && drainDelay > 0) await new Promise((resolve) => setTimeout(resolve, drainDelay))
    await close()
    if (err === undefined) inOrder?.()
    logger.info('drained')
    // Flushed again when the process exits, but a line that is being written by then may come late or not at all.
    await new Promise<void>((resolve) => logger.flush(() => resolve()))
  })
  process.once('disconnect', () => grace.close())
}

/** SIGUSR2 switches the log between its configured level and debug. */
export function switchLevelOnSignal (logger: Logger): void {
  const configured = logger.level
  process.on('SIGUSR2', () => {
    logger.level = logger.level === 'debug' ? configured : 'debug'
    logger.warn(`log level is now ${logger.level}`)
  })
}

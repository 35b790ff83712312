import { setTimeout as sleep } from 'node:timers/promises'
import closeWithGrace from 'close-with-grace'
import type { FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import type { Config } from './config.ts'
import type { Tracing } from './observe/tracing/tracing.ts'
import type { Readiness } from './readiness.ts'

/** A running service, or one that is still starting: `apps` holds what has been built so far. */
export interface Service {
  readonly readiness: Readiness
  readonly apps: FastifyInstance[]
  readonly logger: Logger
  tracing?: Tracing | undefined
  readonly config: Pick<Config, 'drainDelay' | 'shutdownTimeout'>
}

/**
 * Ends the process in order: readiness off, a delay in which load balancers notice, no new connections, requests in
 * flight finished, exit 0. An uncaught error takes the same way to exit 1. A second signal, or the deadline, ends it at
 * once with exit 1.
 */
export function drainOnExit (service: Service): void {
  const { readiness, apps, logger, config } = service
  let draining = false
  const closing = closeWithGrace({
    delay: config.shutdownTimeout,
    // Kept for switching the log level.
    skip: ['SIGUSR2'],
    onSecondSignal: (signal) => { logger.error({ signal }, 'second signal, exiting at once') },
    onSecondError: (error) => { logger.fatal({ err: error }, 'second uncaught error, exiting at once') },
    onTimeout: () => { logger.error('requests were still open at SHUTDOWN_TIMEOUT_MS, exiting') },
    logger
  }, async ({ err, signal }) => {
    if (err === undefined) logger.info({ signal }, 'draining')
    else logger.fatal({ err }, 'uncaught error, draining')
    draining = true
    const endsBy = performance.now() + config.shutdownTimeout
    readiness.ready = false
    await sleep(config.drainDelay)
    await Promise.all(apps.map((app) => app.close()))
    await service.tracing?.close(endsBy)
    logger.info('drained')
    // A line that is being written when the process exits may come late or not at all.
    await new Promise<void>((resolve) => { logger.flush(() => resolve()) })
  })
  // The parent that supervises this process died; the channel is its end of the leash.
  process.once('disconnect', () => { if (!draining) closing.close() })
}

import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { destination, type Logger, pino, stdTimeFunctions } from 'pino'
import { buildAdmin } from './admin.ts'
import { buildPredictor } from './app.ts'
import { check } from './check.ts'
import { type Config, readConfig } from './config.ts'
import { drainOnExit, type Service } from './drain.ts'
import { StartError } from './errors.ts'
import { createLogger } from './observe/logger.ts'
import { PredictorCounts } from './observe/metrics/counts.ts'
import { startBackend } from './model/backend.ts'
import { followVersions } from './model/follow.ts'
import type { Refusals } from './model/refusals.ts'
import { ModelVersions } from './model/versions.ts'
import { startTracing } from './observe/tracing/tracing.ts'
import { ModelsInService } from './serving.ts'

const lines = { base: { service: 'predictor' }, timestamp: stdTimeFunctions.isoTime }

/** Loads first and listens then: what listens is ready, and a bad artifact never takes a port. */
async function serve (): Promise<void> {
  const { config, warnings } = readConfig()
  const logger = await createLogger(config.logLevel)
  for (const warning of warnings) logger.warn(warning)
  const service: Service = { readiness: { ready: true }, apps: [], logger, config }
  drainOnExit(service)
  switchLevelOnSignal(logger)

  const backend = await startBackend(config.backend)
  for (const reason of backend.passedOver) logger.debug(`backend passed over, ${reason}`)
  const refusals: Refusals = { total: 0 }
  const versions = new ModelVersions({ modelDir: config.modelDir, backend: backend.name, logger, refusals })
  const counts = new PredictorCounts()
  const models = new ModelsInService(await versions.start(), config.batches, counts.inference)
  const tracing = await startTracing(config.collector, logger)
  service.tracing = tracing
  const parts = { models, refusals, readiness: service.readiness, logger, batches: config.batches, tracing, counts }
  const app = buildPredictor(parts)
  const admin = buildAdmin(parts)
  const endFollowing = followVersions({ versions, use: (model) => { models.swap(model) }, logger })
  app.addHook('onClose', async () => {
    await endFollowing()
    await models.close()
  })
  service.apps.push(app, admin)

  // The public port last: while it is closed nobody sends requests.
  const adminUrl = await listen(admin, config.adminHost, config.adminPort, 'PREDICTOR_ADMIN_PORT')
  const url = await listen(app, config.host, config.port, 'PREDICTOR_PORT')
  const { name, version } = models.current.model.signature
  logger.info({ url, adminUrl, model: { name, version }, backend: backend.name, pid: process.pid }, 'listening')
  process.send?.({ event: 'listening', url, adminUrl })
}

/** Not Fastify's own `listen`, which logs a line an address and binds `localhost` twice. Port 0 is any free port. */
async function listen (app: FastifyInstance, host: string, port: number, variable: string): Promise<string> {
  await app.ready()
  try {
    app.server.listen({ host, port })
    await once(app.server, 'listening')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const reason = code === 'EADDRINUSE' ? 'another process has it' : code
    throw new StartError(`cannot listen on port ${port} of ${host}, which ${variable} asks for: ${reason}`)
  }
  const { address, family, port: actual } = app.server.address() as AddressInfo
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${actual}`
}

/** SIGUSR2 turns debugging on in a running service, and off again. */
function switchLevelOnSignal (logger: Logger): void {
  const configured = logger.level as Config['logLevel']
  process.on('SIGUSR2', () => {
    const level = logger.level === 'debug' ? configured : 'debug'
    logger.level = 'debug'
    logger.info({ level }, 'log level switched')
    logger.level = level
  })
}

/** The last line of a process that does not start. On stderr and whatever LOG_LEVEL says: it must be seen. */
function logFatal (error: unknown): void {
  const logger = pino(lines, destination({ fd: 2, sync: true }))
  if (error instanceof StartError) logger.fatal({ code: error.name }, error.message)
  else logger.fatal({ err: error }, 'the start failed')
}

const [argument, ...more] = process.argv.slice(2)
if (argument === '--check' && more.length === 0) {
  process.exitCode = await check()
} else if (argument !== undefined) {
  console.error(`the predictor takes no argument but --check; got ${process.argv.slice(2).join(' ')}`)
  process.exitCode = 1
} else {
  try {
    await serve()
  } catch (error) {
    logFatal(error)
    process.exit(1)
  }
}

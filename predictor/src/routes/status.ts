import type { FastifyInstance } from 'fastify'
import type { LoadedModel } from '../model/load.ts'
import type { Readiness } from '../readiness.ts'

interface StatusOptions {
  readiness: Readiness
  model: Pick<LoadedModel, 'signature' | 'backend'>
}

/**
 * Whether the service runs, lives and wants traffic. The `/v2/health` pair is the Open Inference Protocol's; liveness
 * stays true while draining, or an orchestrator would kill a service that is finishing its work. Readiness also tells which
 * model serves: whoever asks for it, such as a gateway, is to log and alert for this service.
 */
export async function statusRoutes (app: FastifyInstance, { readiness, model }: StatusOptions): Promise<void> {
  const { signature: { name, version }, backend } = model
  app.get('/', async (_request, reply) => {
    reply.header('vary', 'Accept')
    return { status: 'application is running' }
  })
  app.get('/v2/health/live', async () => ({ live: true }))
  app.get('/v2/health/ready', async (_request, reply) => {
    if (!readiness.ready) reply.code(503)
    return { ready: readiness.ready, model: { name, version, backend } }
  })
}

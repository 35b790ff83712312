import type { FastifyInstance } from 'fastify'
import type { Refusals } from '../model/refusals.ts'
import type { Readiness } from '../readiness.ts'
import type { ModelsInService } from '../serving.ts'

interface StatusOptions {
  readiness: Readiness
  models: ModelsInService
  refusals: Refusals
}

/**
 * Whether the service runs, lives and wants traffic. The `/v2/health` pair is the Open Inference Protocol's; liveness
 * stays true while draining, or an orchestrator would kill a service that is finishing its work. Readiness also tells which
 * model serves, and which was to and does not: whoever asks for it, such as a gateway, is to log and alert for this service.
 */
export async function statusRoutes (app: FastifyInstance, { readiness, models, refusals }: StatusOptions): Promise<void> {
  app.get('/', async (_request, reply) => {
    reply.header('vary', 'Accept')
    return { status: 'application is running' }
  })
  app.get('/v2/health/live', async () => ({ live: true }))
  app.get('/v2/health/ready', async (_request, reply) => {
    if (!readiness.ready) reply.code(503)
    const { signature: { name, version }, backend } = models.current.model
    return { ready: readiness.ready, model: { name, version, backend, refused: refusals.current } }
  })
}

import type { FastifyInstance } from 'fastify'
import type { Readiness } from '../readiness.ts'

/**
 * Whether the service runs, lives and wants traffic. The `/v2/health` pair is the Open Inference Protocol's; liveness
 * stays true while draining, or an orchestrator would kill a service that is finishing its work.
 */
export async function statusRoutes (app: FastifyInstance, { readiness }: { readiness: Readiness }): Promise<void> {
  app.get('/', async (_request, reply) => {
    reply.header('vary', 'Accept')
    return { status: 'application is running' }
  })
  app.get('/v2/health/live', async () => ({ live: true }))
  app.get('/v2/health/ready', async (_request, reply) => {
    if (!readiness.ready) reply.code(503)
    return { ready: readiness.ready }
  })
}

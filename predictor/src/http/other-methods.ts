import { METHODS } from 'node:http'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { MethodNotAllowedError } from '../errors.ts'

/** The methods of each registered path, filled while routes are registered. */
export type MethodsByPath = Map<string, Set<string>>

/** Starts to note which methods the routes registered from now on take. */
export function noteMethods (app: FastifyInstance): MethodsByPath {
  const methods: MethodsByPath = new Map()
  app.addHook('onRoute', (route) => {
    const taken = methods.get(route.url) ?? new Set()
    for (const method of [route.method].flat()) taken.add(method)
    methods.set(route.url, taken)
  })
  return methods
}

/**
 * Answers 405 with `Allow` to every other method of a known path; Fastify alone would answer 404. Registered last. The
 * refusal is an `onRequest` hook, so that it comes before the body is read.
 */
export const otherMethods = fp(async (app: FastifyInstance, { methods }: { methods: MethodsByPath }) => {
  for (const method of METHODS) {
    if (!app.supportedMethods.includes(method)) app.addHttpMethod(method)
  }
  for (const [url, taken] of [...methods]) {
    const allow = [...taken].sort().join(', ')
    app.route({
      url,
      method: app.supportedMethods.filter((method) => !taken.has(method)),
      onRequest: async (request, reply) => {
        reply.header('allow', allow)
        throw new MethodNotAllowedError(allow, request.method)
      },
      handler: async () => undefined
    })
  }
}, { name: 'other-methods', fastify: '5.x' })

import type { IncomingMessage } from 'node:http'

/**
 * Lets one path have a route a media type, each with a parser, limit and answer of its own:
 * `constraints: { mediaType: 'application/x-ndjson' }`. The route without a constraint takes all other types.
 */
export const byMediaType = {
  name: 'mediaType',
  storage: () => {
    const routes = new Map<unknown, never>()
    return {
      get: (type: unknown) => routes.get(type) ?? null,
      set: (type: unknown, route: never) => { routes.set(type, route) }
    }
  },
  validate: () => undefined,
  deriveConstraint: ({ headers }: Pick<IncomingMessage, 'headers'>) => mediaType(headers['content-type'])
}

/** RFC 9110, 8.3.1: parameters follow a semicolon, and the case of the type does not matter. */
function mediaType (contentType: string | undefined): string | undefined {
  return contentType?.split(';', 1)[0]!.trim().toLowerCase()
}

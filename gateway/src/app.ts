import type { Server as TlsServer } from 'node:tls'
import type { FastifyInstance } from 'fastify'
import type { Config } from './config.ts'
import { buildEdge } from './edge.ts'
import type { EdgeParts } from './edge.ts'
import { FastPath } from './fast-path.ts'
import { BodyMemory } from './limits/body-memory.ts'
import { createTlsServer } from './tls/server.ts'
import type { LiveTlsMaterial } from './tls/material.ts'
import { coalescers } from './upstream/coalesce.ts'
import type { Coalescer } from './upstream/coalescer.ts'
import { proxy } from './upstream/proxy.ts'
import type { UpstreamPool } from './upstream/pool.ts'

export interface GatewayParts extends EdgeParts {
  tls: LiveTlsMaterial
  /** Whether HTTP/2 is spoken beside HTTP/1.1. */
  http2: boolean
  upstreams: UpstreamPool
}

/** The gateway's public HTTPS port: what every public port does, then the proxy. */
export async function buildGateway (config: Config, parts: GatewayParts): Promise<FastifyInstance> {
  const { tls, http2, upstreams, headers, counts } = parts
  const memory = new BodyMemory(config.BODY_LIMIT)
  const coalesced = coalescers(config, upstreams, parts.logger, counts.exchanges)
  const edge = { ...parts, clientAuthority: () => tls.current.authority, fastPath: fastPathOf(config, parts, memory, coalesced) }
  const app = await buildEdge(config, edge, (handler) => createTlsServer(config, tls.current, http2, handler))
  counts.handshakes.watch(app.server)
  tls.serve(app.server as unknown as TlsServer)
  await app.register(proxy, { config, upstreams, publicPort: () => publicPort(config, app), ownHeaders: headers, memory, coalesced })
  return app
}

/** Client certificates are the usual way's matter. */
function fastPathOf (
  config: Config, parts: EdgeParts, memory: BodyMemory, coalesced: Map<string, Coalescer>
): EdgeParts['fastPath'] {
  if (config.CLIENT_AUTH !== 'off' || coalesced.size === 0) return undefined
  return (server, edge) => new FastPath(server as TlsServer, config, { ...parts, ...edge, memory, coalesced })
}

/** The HTTPS port that clients see: in redirects, and in what the upstream is told. */
export function publicPort (config: Config, gateway: FastifyInstance): number {
  const address = gateway.server.address()
  return config.PUBLIC_HTTPS_PORT ?? (typeof address === 'object' && address !== null ? address.port : config.HTTPS_PORT)
}

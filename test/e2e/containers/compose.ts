import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { freePort } from '../free-port.ts'
import { root } from '../process.ts'
import type { Scope } from '../process.ts'
import { makeCertificates, temporaryFolder } from '../stack.ts'
import { builtImages } from './built-images.ts'
import { startEngine } from './engine.ts'
import type { Engine } from './engine.ts'

/** Both services as `pnpm compose` runs them, with podman-compose. */
export interface ComposeStack {
  engine: Engine
  url: string
  redirectUrl: string
  ca: Buffer
  /** The folder that is mounted as the gateway's certificates. */
  tls: string
  /** The full name of a service's nth container, of one of its networks. */
  name: (part: string) => string
  /** What `pnpm compose` said. */
  output: string
}

const settings = 'RATE_LIMIT_RPS=100000\nRATE_LIMIT_BURST=100000\nMAX_CONNECTIONS_PER_CLIENT=1000\n'

interface Options {
  predictors?: number
  /** What follows `pnpm compose`; nothing: it waits for the first answer itself. */
  args?: string[]
  env?: Record<string, string>
  engine?: Engine
}

/** Starts the stack from images built from this source, without a rate limit worth the name. */
export async function startCompose (t: Scope, { predictors = 1, args = [], env = {}, engine: given }: Options = {}): Promise<ComposeStack> {
  const engine = given ?? startEngine(t, (await builtImages()).store)
  const { secrets, ca } = await makeSecrets(t)
  const ports = { PUBLISHED_HTTPS_PORT: String(await freePort()), PUBLISHED_HTTP_PORT: String(await freePort()) }
  const project = basename(secrets).toLowerCase()
  const { code, stdout, stderr } = await engine.outcome(process.execPath, ['--import', 'tsx', join(root, 'deploy/compose.ts'), ...args], {
    ...ports,
    PATH: `${noDocker(t)}:${process.env.PATH}`,
    COMPOSE_PROJECT_NAME: project,
    MODEL_EDGE_SECRETS: secrets,
    PREDICTORS: String(predictors),
    ...env
  })
  if (code !== 0) throw new Error(`${stdout}\n${stderr}`)
  return {
    engine,
    url: `https://localhost:${ports.PUBLISHED_HTTPS_PORT}`,
    redirectUrl: `http://localhost:${ports.PUBLISHED_HTTP_PORT}`,
    ca,
    tls: join(secrets, 'tls'),
    name: (part) => `${project}_${part}`,
    output: stdout
  }
}

/** What `pnpm compose` would make, from certificates of the test's own, which it then leaves alone. */
async function makeSecrets (t: Scope) {
  const secrets = temporaryFolder(t)
  const { env, ca } = await makeCertificates(t)
  const tls = join(secrets, 'tls')
  mkdirSync(tls)
  for (const [name, content] of [['ca.crt', ca], ['tls.crt', readFileSync(env.TLS_CERT_FILE!)], ['tls.key', readFileSync(env.TLS_KEY_FILE!)]] as const) {
    writeFileSync(join(tls, name), content, { mode: 0o644 })
  }
  writeFileSync(join(secrets, 'gateway.env'), settings)
  return { secrets, ca }
}

/** A docker that does not work: where there is an engine, these tests still want podman's. */
function noDocker (t: Scope): string {
  const folder = temporaryFolder(t)
  writeFileSync(join(folder, 'docker'), '#!/bin/sh\nexit 1\n', { mode: 0o755 })
  return folder
}

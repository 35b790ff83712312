import { existsSync } from 'node:fs'
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { onChange } from './local/watch.ts'
import { Service } from './local/service.ts'

/** Runs predictor and gateway on this machine: `dev` from source with reload, `start` from what `pnpm build` made. */

const root = fileURLToPath(new URL('..', import.meta.url))
const mode = process.argv[2]
if (mode !== 'dev' && mode !== 'start') throw new Error('usage: local.ts dev|start')

const say = (line: string) => process.stdout.write(`${line}\n`)
const services: Service[] = []
/** Node.js' own, as in the images. */
const flags: Record<string, string[]> = { gateway: ['--max-semi-space-size=4'] }
let ending = false

process.chdir(root)
if (existsSync('.env')) process.loadEnvFile('.env')
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => { void end(0) })
// Whoever started this with an IPC channel, a test say, is gone.
process.once('disconnect', () => { void end(0) })

if (process.env.TLS_CERT_FILE === undefined || process.env.TLS_CERT_FILE === '') makeLocalCertificates()
const predictor = await run('predictor', {})
const upstream = process.env.PREDICTOR_URL || predictor.url!.replace('//0.0.0.0:', '//127.0.0.1:')
const gateway = await run('gateway', { PREDICTOR_URL: upstream })
if (!ending) greet(gateway.url, gateway.adminUrl)

function makeLocalCertificates (): void {
  const { status } = spawnSync(process.execPath, ['--import', 'tsx', 'certs/src/cli.ts', 'dev', '--quiet'], { stdio: 'inherit' })
  if (status !== 0) process.exit(1)
}

/** Starts a service and waits until its ports are open. */
async function run (name: string, env: Record<string, string>): Promise<Record<string, string>> {
  const bundle = `${name}/dist/server.js`
  if (mode === 'start' && !existsSync(bundle)) {
    say(`${bundle} is not there: \`pnpm build\` makes it.`)
    await end(1)
  }
  const command = mode === 'dev' ? ['--import', 'tsx', `${name}/src/server.ts`] : [...flags[name] ?? [], bundle]
  const service = new Service(name, command, env)
  services.push(service)
  service.onEnd = (how) => {
    if (ending) return
    say(`${name} ${how}. Ending the other one.`)
    void end(1)
  }
  const addresses = await service.start()
  if (mode === 'dev') onChange([`${name}/src`, ...(name === 'predictor' ? ['model/artifact'] : [])], () => service.restart())
  return addresses
}

/** Ends both services in order, the gateway first, and then this process. A second signal ends everything at once. */
async function end (code: number): Promise<never> {
  if (ending) {
    for (const service of services) service.kill()
    process.exit(1)
  }
  ending = true
  const codes = []
  for (const service of [...services].reverse()) codes.push(await service.stop())
  process.exit(code !== 0 || codes.some((ended) => ended !== 0) ? 1 : 0)
}

function greet (url = '', adminUrl = ''): void {
  const verified = process.env.TLS_CERT_FILE ? '-k' : '--cacert certs/local/ca.crt'
  say('')
  say(`  Ready: ${url}   (health: ${adminUrl}/readyz)`)
  say(`  curl ${verified} ${url}/predict -H 'content-type: application/json' -d '{"iris_dimensions":[5.1,3.5,1.4,0.2]}'`)
  say('')
}

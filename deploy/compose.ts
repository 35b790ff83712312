import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { firstAnswer } from './compose/answer.ts'
import { prepareSecrets } from './compose/secrets.ts'
import { chooseComposer, profiles } from './compose/composers.ts'

/**
 * `pnpm compose [ARGUMENTS]`: docker compose or podman-compose, whichever is there, with `deploy/compose.yaml` and what that
 * needs: certificates, and the images where there are none yet. Without arguments: up, and waits for the first answer.
 */
process.chdir(fileURLToPath(new URL('..', import.meta.url)))
const args = process.argv.slice(2)
// A folder of one's own, with a certificate of one's own, is taken as it is.
const ownSecrets = process.env.MODEL_EDGE_SECRETS
const secrets = resolve(ownSecrets || 'deploy/secrets')
const composer = chooseComposer()
if (composer === undefined) fail('neither docker compose nor podman-compose works here')

if (args.length === 0 || args.includes('up')) {
  if (!ownSecrets) prepareSecrets(secrets)
  if (!composer.hasImages()) script('deploy/images.ts')
}
// Older podman-compose knows neither the file's own name for the project nor profiles: both are said here.
const project = process.env.COMPOSE_PROJECT_NAME || 'model-edge'
const command = args.length === 0 ? ['up', '--detach', 'gateway'] : args
// What is started with a profile is ended without its being named again.
const named = args.includes('down') && composer.knowsProfiles() ? profiles : []
const [program, ...before] = composer.command
const options = [...before, '--project-name', project, ...composer.files.flatMap((file) => ['--file', file]), ...named.flatMap((name) => ['--profile', name])]
const { status } = spawnSync(program!, [...options, ...command], {
  env: { ...process.env, MODEL_EDGE_SECRETS: secrets }, stdio: 'inherit'
})
if (status !== 0) process.exit(status ?? 1)
if (args.length === 0) await greet()

async function greet (): Promise<void> {
  const port = process.env.PUBLISHED_HTTPS_PORT || '443'
  const url = `https://localhost${port === '443' ? '' : `:${port}`}`
  if (!await firstAnswer(url)) fail(`${url} does not answer; \`pnpm compose logs\` may tell why`)
  const authority = relative('', join(secrets, 'tls/ca.crt'))
  const trusted = existsSync(authority) ? `--cacert ${authority}` : '-k'
  process.stdout.write(`
  Ready: ${url}
  curl ${trusted} ${url}/predict -H 'content-type: application/json' -d '{"iris_dimensions":[5.1,3.5,1.4,0.2]}'

`)
}

function script (path: string): void {
  const { status } = spawnSync(process.execPath, ['--import', 'tsx', path], { stdio: 'inherit' })
  if (status !== 0) process.exit(1)
}

function fail (message: string): never {
  process.stderr.write(`compose: ${message}\n`)
  process.exit(1)
}

import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { certificateFor } from './minikube-run/certificate.ts'
import { Cluster, namespace } from './minikube-run/cluster.ts'
import { StepError } from './minikube-run/command.ts'
import { buildImages, removeImages } from './minikube-run/images.ts'
import { smokeTest } from './minikube-run/smoke.ts'
import { checkTools } from './minikube-run/tools.ts'

/** `pnpm minikube`: everything of deploy/minikube into the running minikube, and one prediction over HTTPS from there. */
const usage = `minikube [--delete]
  Certificates, images, manifests, wait, address, a prediction over HTTPS. Again: what has changed.
  --delete  removes all of it from minikube; the certificates in certs/local stay
`

process.chdir(fileURLToPath(new URL('..', import.meta.url)))
try {
  const options = readArguments()
  if (options.help) process.stdout.write(usage)
  else if (options.delete) await remove()
  else await deploy()
} catch (error) {
  if (!(error instanceof StepError)) throw error
  process.stderr.write(`minikube: ${error.message}\n`)
  process.exitCode = 1
}

function readArguments () {
  try {
    return parseArgs({ options: { delete: { type: 'boolean' }, help: { type: 'boolean' } } }).values
  } catch (error) {
    throw new StepError(`${(error as Error).message}\n${usage}`)
  }
}

async function deploy (): Promise<void> {
  step('Tools: minikube, kubectl and a running cluster')
  const cluster = new Cluster(checkTools())
  step('Certificate: one that is good for the cluster’s addresses')
  certificateFor(cluster.addresses())
  step('Images: built inside minikube, so that no registry is needed')
  const changed = buildImages(cluster.profile)
  step('Manifests: kubectl apply -k deploy/minikube')
  const before = cluster.deployments()
  cluster.apply()
  // The images' names stay the same: pods that run already would keep the old ones.
  cluster.restart(changed.filter((name) => before.includes(name)))
  step('Roll-out: until every pod is ready')
  cluster.waitForRollout()
  step('Smoke test: predictions over HTTPS, verified against certs/local/ca.crt')
  await cluster.withAddress(async ({ url, note }) => {
    await smokeTest(url)
    say(`\nReady: ${url}${note === undefined ? '' : `\n${note}`}`)
    say(`curl --cacert certs/local/ca.crt ${url}/predict -H 'content-type: application/json' -d '{"iris_dimensions":[5.1,3.5,1.4,0.2]}'`)
  })
}

async function remove (): Promise<void> {
  step('Tools: minikube, kubectl and a running cluster')
  const cluster = new Cluster(checkTools())
  step(`Removing the namespace ${namespace} and everything in it`)
  cluster.remove()
  step('Removing the images')
  removeImages(cluster.profile)
  say('\nGone. The certificates in certs/local are still there.')
}

function step (what: string): void {
  say(`\n── ${what}`)
}

function say (line: string): void {
  process.stdout.write(`${line}\n`)
}

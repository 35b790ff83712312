// Stands for minikube and kubectl where no cluster can run: writes down how it is called, keeps the images and whether
// something was applied, and answers as those programs would. What else it is told lies in the folder's state.json.
import { appendFileSync, readFileSync, readdirSync, realpathSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

const folder = dirname(realpathSync(process.argv[1]))
const program = basename(process.argv[1])
const args = process.argv.slice(2)
const line = [program, ...args].join(' ')
const state = JSON.parse(readFileSync(join(folder, 'state.json'), 'utf8'))
const save = () => writeFileSync(join(folder, 'state.json'), JSON.stringify(state))
const say = (value) => process.stdout.write(typeof value === 'string' ? `${value}\n` : JSON.stringify(value))
const fail = (message) => { process.stderr.write(`${message}\n`); process.exitCode = 1 }

appendFileSync(join(folder, 'calls.log'), `${line}\n`)
const told = Object.entries(state.fails).find(([part]) => line.includes(part))
if (told !== undefined) fail(told[1])
else if (program === 'minikube') minikube(args.filter((word, index) => word !== '--profile' && args[index - 1] !== '--profile'))
else kubectl(line)

function minikube ([command, ...rest]) {
  if (command === 'version') say(state.minikube)
  else if (command === 'status') say({ Name: 'standing-in', Host: state.host, APIServer: state.host })
  else if (command === 'ip') say(state.ip)
  else if (command === 'image') image(rest)
}

function image ([command, ...rest]) {
  if (command === 'ls') {
    say(Object.entries(state.images).map(([tag, id]) => ({ id, repoTags: [`docker.io/library/${tag}`] })))
    return
  }
  if (command === 'build') {
    const context = rest.at(-1)
    const service = rest[rest.indexOf('--file') + 1].split('/')[0]
    state.contexts[service] = readdirSync(context, { recursive: true })
    // As minikube does: a build that fails is a warning and exit code 0.
    if (state.brokenBuild === service) process.stderr.write('Failed to build image\n')
    else state.images[rest[rest.indexOf('--tag') + 1]] = state.ids[service]
  } else if (command === 'tag') state.images[rest[1]] = state.images[rest[0]]
  else if (command === 'rm') delete state.images[rest[0]]
  save()
}

function kubectl (line) {
  if (line.includes(' version ')) say({ clientVersion: { gitVersion: `v1.${state.kubectl}.0`, minor: `${state.kubectl}+` } })
  else if (line.includes(' get deployments ')) say(state.applied ? 'deployment.apps/gateway\ndeployment.apps/predictor\ndeployment.apps/redis' : '')
  else if (line.includes(' get service ')) {
    if (state.applied) say({ spec: { ports: [{ name: 'https', nodePort: state.nodePort }] }, status: { loadBalancer: { ingress: state.ingress } } })
    else fail('Error from server (NotFound): services "gateway" not found')
  } else if (line.includes(' apply ') || line.includes(' delete ')) {
    state.applied = line.includes(' apply ')
    save()
  } else if (line.includes(' port-forward ')) {
    say(`Forwarding from 127.0.0.1:${state.forwardedPort} -> 8443`)
    setInterval(() => {}, 1000)
  }
}

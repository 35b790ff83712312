import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { parse } from 'yaml'
import { root } from './process.ts'

interface Service {
  image: string
  restart: string
  read_only: boolean
  cap_drop: string[]
  security_opt: string[]
  mem_limit: string
  cpus: number
  profiles?: string[]
  ports?: string[]
  networks: string[]
  volumes?: string[]
  depends_on?: Record<string, { condition: string, required?: boolean }> | string[]
  healthcheck?: { test?: string[] }
}

const deploy = join(root, 'deploy')
const file = parse(readFileSync(join(deploy, 'compose.yaml'), 'utf8'), { merge: true }) as {
  services: Record<string, Service>, networks: Record<string, { internal?: boolean } | null>, volumes: Record<string, unknown>
}
const { services, networks } = file

test('every service of the Compose file, the optional ones too, is hardened and limited', () => {
  for (const [name, service] of Object.entries(services)) {
    const { read_only: readOnly, cap_drop: dropped, security_opt: security, restart, mem_limit: memory, cpus } = service
    assert.deepEqual([readOnly, dropped, security, restart], [true, ['ALL'], ['no-new-privileges:true'], 'unless-stopped'], name)
    assert.ok(/^\d+m$/.test(memory) && cpus > 0, name)
  }
})

test('only Redis and monitoring are optional; images that are not built here have fixed versions', () => {
  assert.deepEqual(Object.entries(services).map(([name, { profiles = [] }]) => [name, ...profiles]),
    [['gateway'], ['predictor'], ['redis', 'redis'], ['prometheus', 'monitoring'], ['grafana', 'monitoring']])
  for (const name of ['redis', 'prometheus', 'grafana']) assert.match(services[name]!.image, /^docker\.io\/[a-z/]+:v?\d+\.\d+\.\d+(-[a-z]+)?$/)
})

test('with Docker the gateway starts when Redis is healthy, where there is one', () => {
  const { services: more } = parse(readFileSync(join(deploy, 'compose/redis-first.yaml'), 'utf8')) as { services: Record<string, Partial<Service>> }
  assert.deepEqual(more, { gateway: { depends_on: { redis: { condition: 'service_healthy', required: false } } } })
  assert.deepEqual(services.redis!.healthcheck?.test, ['CMD', 'valkey-cli', 'ping'])
})

test('the gateway starts when the predictor is healthy; the predictor, Redis and Prometheus publish nothing', () => {
  assert.deepEqual(services.gateway!.depends_on, { predictor: { condition: 'service_healthy' } })
  assert.deepEqual(services.gateway!.ports!.map((port) => port.replace(/.*:-(\d+)}/, '$1')), ['443:8443', '80:8080'])
  for (const name of ['predictor', 'redis', 'prometheus']) {
    assert.equal(services[name]!.ports, undefined, name)
    for (const network of services[name]!.networks) assert.equal(networks[network]?.internal, true, `${name}: ${network}`)
  }
  const neighbours = (network: string) => Object.keys(services).filter((name) => services[name]!.networks.includes(network))
  assert.deepEqual(neighbours('inside'), ['gateway', 'predictor', 'prometheus'])
  assert.deepEqual(neighbours('store'), ['gateway', 'redis'])
})

test('whatever is mounted from the repository is there', () => {
  const sources = Object.values(services).flatMap(({ volumes = [] }) => volumes.map((volume) => volume.split(':')[0]!))
  const files = sources.filter((source) => source.startsWith('./'))
  assert.ok(files.length >= 5)
  for (const source of files) assert.ok(existsSync(join(deploy, source)), source)
  for (const source of sources.filter((source) => /^[a-z]/.test(source))) assert.ok(source in file.volumes, source)
})

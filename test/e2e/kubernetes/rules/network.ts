import { named, ofKind, picks, settingsOf } from '../objects.ts'
import type { KubernetesObject } from '../objects.ts'
import { reaches } from '../reachability.ts'
import type { End } from '../reachability.ts'
import type { Rule } from '../rules.ts'

const gateway: End = { deployment: 'gateway' }
const predictor: End = { deployment: 'predictor' }
const redis: End = { deployment: 'redis' }
const dns: End = { namespace: { 'kubernetes.io/metadata.name': 'kube-system' }, pod: { 'k8s-app': 'kube-dns' } }
const nodeDns: End = { address: '169.254.20.10' }
const watcher: End = { namespace: { 'model-edge/observability': 'true' }, pod: {} }
const stranger: End = { namespace: { 'kubernetes.io/metadata.name': 'default' }, pod: {} }
const world: End = { address: '203.0.113.7' }
const world6: End = { address: '2001:db8::7' }
const metadataService: End = { address: '169.254.169.254' }
const inside: End = { address: '10.1.2.3' }
// Of the network that components/managed-redis names.
const managedRedis: End = { address: '192.0.2.10' }

type Way = [from: End, to: End, port: number | '53/UDP']

const open: Way[] = [
  [world, gateway, 8443], [world6, gateway, 8443], [world, gateway, 8080], [stranger, gateway, 8443],
  [watcher, gateway, 9090], [watcher, predictor, 9091],
  [gateway, predictor, 8000], [gateway, redis, 6379],
  [gateway, dns, 53], [gateway, dns, '53/UDP'], [gateway, nodeDns, '53/UDP'],
  [gateway, watcher, 4317], [gateway, watcher, 4318], [gateway, world, 443], [gateway, world6, 443]
]

const shut: Way[] = [
  [world, gateway, 9090], [stranger, gateway, 9090], [predictor, gateway, 9090],
  [world, predictor, 8000], [stranger, predictor, 8000], [watcher, predictor, 8000], [redis, predictor, 8000],
  [world, predictor, 9091], [stranger, predictor, 9091], [gateway, predictor, 9091],
  [world, redis, 6379], [stranger, redis, 6379], [watcher, redis, 6379], [predictor, redis, 6379],
  [predictor, world, 443], [predictor, stranger, 80], [predictor, gateway, 8443], [predictor, metadataService, 80],
  [redis, world, 443], [redis, dns, '53/UDP'], [redis, gateway, 8443],
  [gateway, world, 80], [gateway, world, 22], [gateway, metadataService, 443], [gateway, metadataService, 80],
  [gateway, inside, 443], [gateway, inside, 6379], [gateway, stranger, 443], [gateway, stranger, 4317],
  [gateway, managedRedis, 80], [predictor, managedRedis, 6379]
]

/** Only the component `tracing` lets predictors out: to DNS and the collector. */
const tracing: Way[] = [[predictor, dns, '53/UDP'], [predictor, dns, 53], [predictor, watcher, 4317], [predictor, watcher, 4318]]

/** Of those ways the ones between pods that there are: not everybody has a Redis. */
const between = (objects: KubernetesObject[], ways: Way[]) => ways.filter((way) => way.every((end) =>
  typeof end !== 'object' || !('deployment' in end) || ofKind(objects, 'Deployment').some(({ metadata }) => metadata.name === end.deployment)))

const told = (way: Way) => way.map((part) => typeof part === 'object' ? Object.values(part).map((value) => typeof value === 'string' ? value : JSON.stringify(value)).join(' ') : part).join(' → ')

function podFaults (objects: KubernetesObject[]): string[] {
  const pods = ofKind(objects, 'Deployment').map(({ spec }) => spec.template.metadata.labels)
  return ofKind(objects, 'NetworkPolicy').flatMap(({ metadata, spec }) => {
    const peers = [...spec.ingress ?? [], ...spec.egress ?? []].flatMap(({ from = [], to = [] }) => [...from, ...to])
    const own = peers.filter(({ podSelector, namespaceSelector }) => podSelector !== undefined && namespaceSelector === undefined)
    return [spec.podSelector, ...own.map(({ podSelector }) => podSelector!)]
      .filter(({ matchLabels }) => !pods.some((labels) => picks(matchLabels, labels)))
      .map(({ matchLabels }) => `${metadata.name} is about ${JSON.stringify(matchLabels)}, which no pod has`)
  })
}

/** Who reaches whom. */
export const networkRules: Rule[] = [{
  rule: 'everything is denied that is not allowed',
  faults: (objects) => {
    const { spec } = named(objects, 'NetworkPolicy', 'default-deny')
    const denies = picks(spec.podSelector.matchLabels, {}) && spec.ingress === undefined && spec.egress === undefined
    return denies && spec.policyTypes.join() === 'Ingress,Egress' ? [] : ['default-deny does not']
  },
  breach: (objects) => { named(objects, 'NetworkPolicy', 'default-deny').spec.policyTypes = ['Ingress'] }
}, {
  rule: 'a policy is about pods that there are',
  faults: podFaults,
  breach: (objects) => { named(objects, 'NetworkPolicy', 'redis').spec.podSelector.matchLabels = { app: 'redis' } }
}, {
  rule: 'what has to talk to each other can',
  faults: (objects) => between(objects, open).filter((way) => !reaches(objects, ...way)).map(told),
  breach: (objects) => { named(objects, 'NetworkPolicy', 'predictor').spec.ingress!.shift() }
}, {
  rule: 'nothing else can',
  faults: (objects) => between(objects, shut).filter((way) => reaches(objects, ...way)).map(told),
  breach: (objects) => { named(objects, 'NetworkPolicy', 'gateway').spec.egress!.push({ to: [{ ipBlock: { cidr: '0.0.0.0/0' } }] }) }
}, {
  rule: 'a predictor has no way out, not even to DNS; with tracing to the collector alone',
  faults: (objects) => {
    const traced = ofKind(objects, 'NetworkPolicy').some(({ metadata }) => metadata.name === 'predictor-tracing')
    return tracing.filter((way) => reaches(objects, ...way) !== traced).map(told)
  },
  breach: (objects) => { named(objects, 'NetworkPolicy', 'predictor').spec.egress = [{}] }
}, {
  rule: 'a gateway gets to a managed Redis only where that is chosen, and in the place of the own one',
  faults: (objects) => {
    const chosen = ofKind(objects, 'NetworkPolicy').some(({ metadata }) => metadata.name === 'gateway-managed-redis')
    const own = ofKind(objects, 'Deployment').some(({ metadata }) => metadata.name === 'redis')
    const { RATE_LIMIT_STORE_URL } = settingsOf(objects, named(objects, 'Deployment', 'gateway'))
    return [
      ...reaches(objects, gateway, managedRedis, 6379) === chosen ? [] : [told([gateway, managedRedis, 6379])],
      ...chosen && own ? ['there are two'] : [],
      ...(RATE_LIMIT_STORE_URL !== undefined) === (chosen || own) ? [] : [`RATE_LIMIT_STORE_URL is ${RATE_LIMIT_STORE_URL}`]
    ]
  },
  breach: (objects) => { named(objects, 'NetworkPolicy', 'gateway-redis').spec.egress = [{}] }
}]

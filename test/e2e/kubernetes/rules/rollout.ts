import { named, ofKind, picks, settingsOf } from '../objects.ts'
import type { Deployment, KubernetesObject } from '../objects.ts'
import type { Rule } from '../rules.ts'

/** The longest that a request may take, in ms, where the settings do not say: REQUEST_TIMEOUT_MS, UPSTREAM_TIMEOUT_MS. */
const longest: Record<string, number> = { gateway: 30_000, predictor: 10_000 }

function timeFaults (objects: KubernetesObject[], deployment: Deployment): string[] {
  const { name } = deployment.metadata
  const { DRAIN_DELAY_MS, SHUTDOWN_TIMEOUT_MS, REQUEST_TIMEOUT_MS } = settingsOf(objects, deployment)
  const drain = Number(DRAIN_DELAY_MS)
  const shutdown = Number(SHUTDOWN_TIMEOUT_MS)
  const grace = deployment.spec.template.spec.terminationGracePeriodSeconds! * 1000
  const request = Number(REQUEST_TIMEOUT_MS ?? longest[name])
  return [
    ...drain > 0 ? [] : [`${name}: no delay for load balancers`],
    ...drain + request < shutdown ? [] : [`${name}: ${drain} + ${request} ms do not fit into SHUTDOWN_TIMEOUT_MS, ${shutdown}`],
    ...shutdown < grace ? [] : [`${name}: SHUTDOWN_TIMEOUT_MS, ${shutdown}, is not below the grace period, ${grace} ms`]
  ]
}

/** In ms: how long DNS tells an address after a change (`ttl 30`), and until a gateway asks again. */
const toldByDns = 30_000 + 2000

function discoveryFaults (objects: KubernetesObject[]): string[] {
  const predictor = named(objects, 'Deployment', 'predictor')
  const ready = (predictor.spec.minReadySeconds ?? 0) * 1000
  const drain = Number(settingsOf(objects, predictor).DRAIN_DELAY_MS)
  return [
    ...ready > toldByDns ? [] : [`a predictor counts ${ready} ms after it is ready: gateways may not have its address yet`],
    ...drain > toldByDns ? [] : [`a predictor is gone ${drain} ms after it is not ready: gateways may still have its address`]
  ]
}

function probeFaults ({ metadata: { name }, spec }: Deployment): string[] {
  const { ports, livenessProbe, readinessProbe } = spec.template.spec.containers[0]!
  return Object.entries({ livenessProbe, readinessProbe }).flatMap(([probe, value]) => {
    const port = value?.httpGet?.port ?? value?.tcpSocket?.port
    if (!ports.some((declared) => declared.name === port)) return [`${name}: ${probe} asks no port that there is`]
    const path = probe === 'livenessProbe' ? '/healthz' : '/readyz'
    const right = name === 'redis' || (port === 'admin' && value!.httpGet?.path === path)
    return right ? [] : [`${name}: ${probe} does not ask ${path} of the admin port`]
  })
}

const scaled = (objects: KubernetesObject[]) => ofKind(objects, 'Deployment').filter(({ metadata }) => metadata.name !== 'redis')

/** Coming, going and being moved without a lost request. */
export const rolloutRules: Rule[] = [{
  rule: 'the times of a pod’s end add up',
  faults: (objects) => scaled(objects).flatMap((deployment) => timeFaults(objects, deployment)),
  breach: (objects) => { named(objects, 'Deployment', 'gateway').spec.template.spec.terminationGracePeriodSeconds = 30 }
}, {
  rule: 'gateways have a predictor’s address before an old one goes, and no longer when it is gone',
  faults: discoveryFaults,
  breach: (objects) => { named(objects, 'Deployment', 'predictor').spec.minReadySeconds = 30 }
}, {
  rule: 'probes ask the admin port: alive for liveness, ready for readiness',
  faults: (objects) => ofKind(objects, 'Deployment').flatMap(probeFaults),
  breach: (objects) => {
    const [container] = named(objects, 'Deployment', 'gateway').spec.template.spec.containers
    container!.livenessProbe = container!.readinessProbe
  }
}, {
  rule: 'a roll-out takes no pod away before another is ready; what may be there only once is replaced',
  faults: (objects) => ofKind(objects, 'Deployment').filter(({ spec: { strategy, replicas } }) =>
    !(strategy.rollingUpdate?.maxUnavailable === 0 || (strategy.type === 'Recreate' && replicas === 1)))
    .map(({ metadata }) => `${metadata.name}: rolls out with pods missing`),
  breach: (objects) => { named(objects, 'Deployment', 'predictor').spec.strategy.rollingUpdate!.maxUnavailable = '25%' }
}, {
  rule: 'there are several of each service, spread over nodes, and only one at a time is moved away',
  faults: (objects) => scaled(objects).flatMap(({ metadata: { name }, spec: { replicas, template } }) => {
    const { labels } = template.metadata
    const spread = template.spec.topologySpreadConstraints ?? []
    const budgets = ofKind(objects, 'PodDisruptionBudget').filter(({ spec }) => picks(spec.selector.matchLabels, labels))
    const least = replicas ?? ofKind(objects, 'HorizontalPodAutoscaler').find(({ spec }) => spec.scaleTargetRef.name === name)?.spec.minReplicas ?? 1
    const spreads = spread.some(({ topologyKey, labelSelector }) => topologyKey === 'kubernetes.io/hostname' && picks(labelSelector.matchLabels, labels))
    return [
      ...least >= 2 ? [] : [`${name}: there may be ${least} of it`],
      ...spreads ? [] : [`${name}: not spread over nodes`],
      ...budgets.length === 1 ? [] : [`${name}: ${budgets.length} disruption budgets`]
    ]
  }),
  breach: (objects) => { named(objects, 'PodDisruptionBudget', 'gateway').spec.selector.matchLabels = { app: 'gateway' } }
}]

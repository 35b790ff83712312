import { named, ofKind } from './objects.ts'
import type { Container, Deployment, KubernetesObject, Labels, PodSpec } from './objects.ts'

/** A Pod as `podman play kube` takes it. */
export interface Pod { apiVersion: 'v1', kind: 'Pod', metadata: { name: string, labels: Labels }, spec: PodSpec }

/** What one Pod gets that a cluster would give it. */
export interface Placement {
  /** The Pod's name. */
  name: string
  /** A free port of 127.0.0.1 for each of the container's, by name. */
  hostPorts: Record<string, number>
  /** The folder that is mounted in the place of the Secret gateway-tls. */
  tlsFolder: string
  /** Of the test's own, in the place of the ConfigMap's. */
  settings: Labels
}

/** What is run: a Pod, and the settings of its ConfigMap. */
interface Run { pod: Pod, settings: Labels }

/** Without `change` the manifests stay as they are, and what they name is something else. */
interface Transformation { why: string, change?: (run: Run, placement: Placement) => void }

const containerOf = ({ spec }: Pod): Container => spec.containers[0]!

/**
 * Everything that is changed of the rendered minikube manifests before `podman play kube` runs them. Left out altogether,
 * since podman does nothing with them: Namespace, ServiceAccounts, PodDisruptionBudgets and NetworkPolicies; Services are
 * names in podman's DNS (`--network …:alias=NAME`), with every address of a headless one.
 */
export const transformations: Transformation[] = [{
  why: 'a Pod a replica: play kube makes one of a Deployment whatever its replicas are, and knows no roll-out',
  change: ({ pod }, { name }) => { pod.metadata.name = name }
}, {
  why: 'a port of 127.0.0.1 for each port: play kube publishes containerPort on all addresses, the same for all replicas',
  change: ({ pod }, { hostPorts }) => {
    for (const port of containerOf(pod).ports) Object.assign(port, { hostIP: '127.0.0.1', hostPort: hostPorts[port.name] })
  }
}, {
  why: 'no probes: play kube would run curl in the container; the test asks the same paths at the same ports from outside',
  change: ({ pod }) => {
    const container = containerOf(pod)
    delete container.startupProbe
    delete container.readinessProbe
    delete container.livenessProbe
  }
}, {
  why: 'the Secret gateway-tls is a folder laid out as the kubelet does it: podman never renews a mounted Secret',
  change: ({ pod }, { tlsFolder }) => {
    for (const volume of pod.spec.volumes ?? []) {
      if (volume.secret === undefined) continue
      delete volume.secret
      volume.hostPath = { path: tlsFolder, type: 'Directory' }
    }
  }
}, {
  why: 'settings: the gateway’s limit, one that shows exactly whether it is shared, or one that does not bind under load; and ' +
    'a predictor’s DRAIN_DELAY_MS of 5 s, since podman’s DNS keeps no answers',
  change: ({ pod, settings }, placement) => {
    if (pod.metadata.labels['app.kubernetes.io/name'] === 'predictor') settings.DRAIN_DELAY_MS = '5000'
    Object.assign(settings, placement.settings)
  }
}, {
  why: 'images: both services’ are built from this source, on a base that stands in for node:24-bookworm-slim; Valkey’s is ' +
    'Debian’s Redis. They have the names that the manifests say'
}]

/** For the gateway's settings: a limit that shows exactly whether it is shared, and one that does not bind under load. */
export const limits = {
  tight: { RATE_LIMIT_RPS: '0.001', RATE_LIMIT_BURST: '20' },
  wide: { RATE_LIMIT_RPS: '0.001', RATE_LIMIT_BURST: '1000000' }
}

/** A Deployment's Pod and all ConfigMaps, transformed. */
export function transformed (objects: KubernetesObject[], deployment: Deployment, placement: Placement): unknown[] {
  const { metadata: { labels }, spec } = structuredClone(deployment.spec.template)
  const pod: Pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: placement.name, labels }, spec }
  const config = containerOf(pod).envFrom?.[0]?.configMapRef.name
  const maps = structuredClone(ofKind(objects, 'ConfigMap'))
  const settings = maps.find(({ metadata }) => metadata.name === config)?.data ?? {}
  for (const { change } of transformations) change?.({ pod, settings }, placement)
  return [...maps, pod]
}

/** Where a Deployment is asked whether it is ready. */
export function readiness (objects: KubernetesObject[], name: string): { path?: string, port: string } {
  const { httpGet, tcpSocket } = named(objects, 'Deployment', name).spec.template.spec.containers[0]!.readinessProbe!
  return { path: httpGet?.path, port: (httpGet ?? tcpSocket)!.port }
}

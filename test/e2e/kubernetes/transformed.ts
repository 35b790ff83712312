import { named, ofKind } from './objects.ts'
import type { ConfigMap, Container, Deployment, KubernetesObject, Labels, PodSpec } from './objects.ts'

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
}

interface Transformation { why: string, change: (pod: Pod, placement: Placement) => void }

const containerOf = ({ spec }: Pod): Container => spec.containers[0]!

/**
 * Everything that is changed of the rendered minikube manifests before `podman play kube` runs them. Left out altogether,
 * since podman does nothing with them: Namespace, ServiceAccounts, PodDisruptionBudgets and NetworkPolicies; Services are
 * names in podman's DNS (`--network …:alias=NAME`), with every address of a headless one.
 */
export const transformations: Transformation[] = [{
  why: 'a Pod a replica: play kube makes one of a Deployment whatever its replicas are, and knows no roll-out',
  change: (pod, { name }) => { pod.metadata.name = name }
}, {
  why: 'a port of 127.0.0.1 for each port: play kube publishes containerPort on all addresses, the same for all replicas',
  change: (pod, { hostPorts }) => {
    for (const port of containerOf(pod).ports) Object.assign(port, { hostIP: '127.0.0.1', hostPort: hostPorts[port.name] })
  }
}, {
  why: 'no probes: play kube would run curl in the container; the test asks the same paths at the same ports from outside',
  change: (pod) => {
    const container = containerOf(pod)
    delete container.startupProbe
    delete container.readinessProbe
    delete container.livenessProbe
  }
}, {
  why: 'the Secret gateway-tls is a folder laid out as the kubelet does it: podman never renews a mounted Secret',
  change: (pod, { tlsFolder }) => {
    for (const volume of pod.spec.volumes ?? []) {
      if (volume.secret === undefined) continue
      delete volume.secret
      volume.hostPath = { path: tlsFolder, type: 'Directory' }
    }
  }
}]

/** The one that is about settings: a limit that shows exactly whether it is shared, or one that does not bind under load. */
export const limits = {
  tight: { RATE_LIMIT_RPS: '0.001', RATE_LIMIT_BURST: '20' },
  wide: { RATE_LIMIT_RPS: '0.001', RATE_LIMIT_BURST: '1000000' }
}

/** A Deployment's Pod, transformed, and the ConfigMaps it refers to, with settings of the test's own for its container. */
export function transformed (objects: KubernetesObject[], deployment: Deployment, placement: Placement, settings: Labels): unknown[] {
  const { metadata: { labels }, spec } = structuredClone(deployment.spec.template)
  const pod: Pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: placement.name, labels }, spec }
  for (const { change } of transformations) change(pod, placement)
  const config = containerOf(pod).envFrom?.[0]?.configMapRef.name
  const maps = ofKind(objects, 'ConfigMap').map((map): ConfigMap => map.metadata.name === config ? { ...map, data: { ...map.data, ...settings } } : map)
  return [...maps, pod]
}

/** Where a Deployment is asked whether it is ready. */
export function readiness (objects: KubernetesObject[], name: string): { path?: string, port: string } {
  const { httpGet, tcpSocket } = named(objects, 'Deployment', name).spec.template.spec.containers[0]!.readinessProbe!
  return { path: httpGet?.path, port: (httpGet ?? tcpSocket)!.port }
}

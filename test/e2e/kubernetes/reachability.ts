import { BlockList, isIPv6 } from 'node:net'
import { ofKind, picks } from './objects.ts'
import type { Deployment, KubernetesObject, Labels, NetworkPolicy, Peer, PolicyRule } from './objects.ts'

/** An end of a connection: a pod of the namespace by its Deployment, a pod elsewhere by labels, or an address. */
export type End = { deployment: string } | { namespace: Labels, pod: Labels } | { address: string }

/**
 * Whether the network policies of a rendering let a connection through, as Kubernetes defines it: a pod that some policy picks
 * for a direction may do only what one of those policies says.
 * @param port a TCP port, or `53/UDP`
 */
export function reaches (objects: KubernetesObject[], from: End, to: End, port: number | '53/UDP'): boolean {
  const [source, target] = [podOf(objects, from), podOf(objects, to)]
  const out = source === undefined || direction(objects, source, 'Egress').some((rules) => rules.some((rule) => lets(rule.to, rule, to, target, port)))
  const into = target === undefined || direction(objects, target, 'Ingress').some((rules) => rules.some((rule) => lets(rule.from, rule, from, target, port)))
  return out && into
}

function podOf (objects: KubernetesObject[], end: End): Deployment | undefined {
  if (!('deployment' in end)) return undefined
  const found = ofKind(objects, 'Deployment').find(({ metadata }) => metadata.name === end.deployment)
  if (found === undefined) throw new Error(`no Deployment ${end.deployment}`)
  return found
}

/** The rules of each policy that picks the pod; a pod that none picks may do everything. */
function direction (objects: KubernetesObject[], pod: Deployment, type: 'Ingress' | 'Egress'): PolicyRule[][] {
  const policies = ofKind(objects, 'NetworkPolicy').filter(({ spec }: NetworkPolicy) =>
    spec.policyTypes.includes(type) && picks(spec.podSelector.matchLabels, pod.spec.template.metadata.labels))
  if (policies.length === 0) return [[{}]]
  return policies.map(({ spec }) => (type === 'Ingress' ? spec.ingress : spec.egress) ?? [])
}

/** @param pod the pod that is connected to, whose ports a policy may name */
function lets (peers: Peer[] | undefined, { ports }: PolicyRule, other: End, pod: Deployment | undefined, asked: number | '53/UDP'): boolean {
  const [number, protocol = 'TCP'] = String(asked).split('/')
  const named = pod?.spec.template.spec.containers.flatMap((container) => container.ports) ?? []
  const open = ports === undefined || ports.some((allowed) => {
    const port = typeof allowed.port === 'number' ? allowed.port : named.find(({ name }) => name === allowed.port)?.containerPort
    return port === Number(number) && (allowed.protocol ?? 'TCP') === protocol
  })
  return open && (peers === undefined || peers.some((peer) => isPeer(peer, other)))
}

function isPeer ({ podSelector, namespaceSelector, ipBlock }: Peer, end: End): boolean {
  if ('address' in end) return ipBlock !== undefined && isIn(ipBlock.cidr, end.address) && !ipBlock.except?.some((cidr) => isIn(cidr, end.address))
  if (ipBlock !== undefined) return false
  // The namespace's own pods are named by their Deployments, whose label is the Deployment's name.
  const own = 'deployment' in end
  const labels = own ? { 'app.kubernetes.io/name': end.deployment, 'app.kubernetes.io/part-of': 'model-edge' } : end.pod
  const inNamespace = namespaceSelector === undefined ? own : picks(namespaceSelector.matchLabels, own ? { 'kubernetes.io/metadata.name': 'model-edge' } : end.namespace)
  return inNamespace && picks(podSelector?.matchLabels, labels)
}

function isIn (cidr: string, address: string): boolean {
  const [network, prefix] = cidr.split('/') as [string, string]
  const family = (text: string) => isIPv6(text) ? 'ipv6' : 'ipv4'
  const block = new BlockList()
  block.addSubnet(network, Number(prefix), family(network))
  return family(network) === family(address) && block.check(address, family(address))
}

/** As much of Kubernetes' objects as the tests look at. */
export type Labels = Record<string, string>
export interface Metadata { name: string, namespace?: string, labels?: Labels }
export interface Selector { matchLabels: Labels }

export interface Probe {
  httpGet?: { path: string, port: string }
  tcpSocket?: { port: string }
}

export interface Container {
  name: string
  image: string
  imagePullPolicy?: string
  command?: string[]
  args?: string[]
  ports: { name: string, containerPort: number }[]
  env?: { name: string, value?: string, valueFrom?: { secretKeyRef?: { name: string, optional?: boolean } } }[]
  envFrom?: { configMapRef: { name: string } }[]
  startupProbe?: Probe
  readinessProbe?: Probe
  livenessProbe?: Probe
  resources?: { requests?: Labels, limits?: Labels }
  securityContext?: {
    allowPrivilegeEscalation?: boolean
    readOnlyRootFilesystem?: boolean
    capabilities?: { drop?: string[], add?: string[] }
  }
  volumeMounts?: { name: string, mountPath: string, subPath?: string, readOnly?: boolean }[]
}

export interface Volume {
  name: string
  secret?: { secretName: string, defaultMode?: number }
  configMap?: { name: string }
  hostPath?: { path: string, type: string }
  emptyDir?: { sizeLimit?: string }
}

export interface PodSpec {
  serviceAccountName?: string
  automountServiceAccountToken?: boolean
  enableServiceLinks?: boolean
  hostNetwork?: boolean
  terminationGracePeriodSeconds?: number
  securityContext?: { runAsNonRoot?: boolean, runAsUser?: number, fsGroup?: number, seccompProfile?: { type: string } }
  topologySpreadConstraints?: { topologyKey: string, whenUnsatisfiable: string, labelSelector: Selector }[]
  containers: Container[]
  volumes?: Volume[]
}

export interface Namespace { kind: 'Namespace', metadata: Metadata }
export interface ServiceAccount { kind: 'ServiceAccount', metadata: Metadata, automountServiceAccountToken?: boolean }
export interface ConfigMap { kind: 'ConfigMap', metadata: Metadata, data: Labels }
export interface Secret { kind: 'Secret', metadata: Metadata, type: string, data: Labels }

export interface Deployment {
  kind: 'Deployment'
  metadata: Metadata
  spec: {
    replicas?: number
    minReadySeconds?: number
    strategy: { type: string, rollingUpdate?: { maxUnavailable: number | string } }
    selector: Selector
    template: { metadata: { labels: Labels }, spec: PodSpec }
  }
}

export interface Service {
  kind: 'Service'
  metadata: Metadata
  spec: {
    type?: string
    clusterIP?: string
    externalTrafficPolicy?: string
    selector: Labels
    ports: { name: string, port: number, targetPort: string }[]
  }
}

export interface DisruptionBudget { kind: 'PodDisruptionBudget', metadata: Metadata, spec: { selector: Selector } }
export interface Autoscaler {
  kind: 'HorizontalPodAutoscaler'
  metadata: Metadata
  spec: { scaleTargetRef: { kind: string, name: string }, minReplicas: number, maxReplicas: number }
}

export interface Peer {
  podSelector?: Partial<Selector>
  namespaceSelector?: Partial<Selector>
  ipBlock?: { cidr: string, except?: string[] }
}
export interface PolicyRule { from?: Peer[], to?: Peer[], ports?: { port: string | number, protocol?: string }[] }
export interface NetworkPolicy {
  kind: 'NetworkPolicy'
  metadata: Metadata
  spec: { podSelector: Partial<Selector>, policyTypes: string[], ingress?: PolicyRule[], egress?: PolicyRule[] }
}

export interface Certificate { kind: 'Certificate', metadata: Metadata, spec: { secretName: string, dnsNames: string[] } }
export interface ServiceMonitor { kind: 'ServiceMonitor', metadata: Metadata, spec: { selector: Selector, endpoints: { port: string }[] } }

export type KubernetesObject = { apiVersion: string } & (
  Namespace | ServiceAccount | ConfigMap | Secret | Deployment | Service | DisruptionBudget | Autoscaler | NetworkPolicy |
  Certificate | ServiceMonitor)

type OfKind<Kind extends KubernetesObject['kind']> = Extract<KubernetesObject, { kind: Kind }>

/** The objects of one kind. */
export function ofKind<Kind extends KubernetesObject['kind']> (objects: KubernetesObject[], kind: Kind): OfKind<Kind>[] {
  return objects.filter((object): object is OfKind<Kind> => object.kind === kind)
}

/** The object of that kind and name; generated names have a hash at their end, which may be left out. */
export function named<Kind extends KubernetesObject['kind']> (objects: KubernetesObject[], kind: Kind, name: string): OfKind<Kind> {
  const found = ofKind(objects, kind).filter(({ metadata }) => metadata.name.replace(/-[a-z0-9]{10}$/, '') === name || metadata.name === name)
  if (found.length !== 1) throw new Error(`${found.length} objects are ${kind} ${name}`)
  return found[0]!
}

/** Whether a selector without expressions picks something with these labels. An empty one picks everything. */
export function picks (wanted: Labels = {}, labels: Labels = {}): boolean {
  return Object.entries(wanted).every(([name, value]) => labels[name] === value)
}

/** The settings that a Deployment's first container gets from ConfigMaps and literally, as Kubernetes merges them. */
export function settingsOf (objects: KubernetesObject[], { spec }: Deployment): Labels {
  const { envFrom = [], env = [] } = spec.template.spec.containers[0]!
  return Object.assign({},
    ...envFrom.map(({ configMapRef }) => named(objects, 'ConfigMap', configMapRef.name).data),
    ...env.map(({ name, value }) => ({ [name]: value ?? '(from a Secret)' })))
}

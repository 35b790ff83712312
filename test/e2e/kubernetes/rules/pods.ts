import { named, ofKind } from '../objects.ts'
import type { Container, Deployment, KubernetesObject, PodSpec } from '../objects.ts'
import type { Rule } from '../rules.ts'

type Fault = string | false | undefined

const podOf = (objects: KubernetesObject[], name: string): PodSpec => named(objects, 'Deployment', name).spec.template.spec
const containerOf = (objects: KubernetesObject[], name: string): Container => podOf(objects, name).containers[0]!

const mountOf = (objects: KubernetesObject[], path: string) =>
  containerOf(objects, 'gateway').volumeMounts!.find(({ mountPath }) => mountPath === path)!

/** A rule about every pod: what is wrong with one, after its Deployment's name. */
const everyPod = (wrong: (pod: PodSpec, deployment: Deployment) => Fault[]) => (objects: KubernetesObject[]) =>
  ofKind(objects, 'Deployment').flatMap((deployment) => wrong(deployment.spec.template.spec, deployment)
    .filter((fault) => typeof fault === 'string').map((fault) => `${deployment.metadata.name}: ${fault}`))

const everyContainer = (wrong: (container: Container) => Fault[]) => everyPod((pod) => pod.containers.flatMap(wrong))

const amounts = ['cpu', 'memory']

/** Hardening: the restricted Pod Security standard, and what it does not ask for. */
export const podRules: Rule[] = [{
  rule: 'an image is named by a digest, or by a tag that is not latest',
  faults: everyContainer(({ image }) => [
    !/@sha256:[0-9a-f]{64}$|:[\w.-]+$/.test(image) && `${image} has no tag`, image.endsWith(':latest') && `${image} is whatever is latest`
  ]),
  breach: (objects) => { containerOf(objects, 'gateway').image = 'registry.example.com/model-edge-gateway' }
}, {
  rule: 'nothing runs as root, and all under the default seccomp profile',
  faults: everyPod(({ securityContext: context = {}, hostNetwork }) => [
    context.runAsNonRoot !== true && 'may run as root',
    !(context.runAsUser! >= 10000) && 'its user is not a numeric one of its own',
    context.seccompProfile?.type !== 'RuntimeDefault' && 'no seccomp profile',
    hostNetwork === true && 'uses the network of the node'
  ]),
  breach: (objects) => { delete podOf(objects, 'redis').securityContext!.runAsNonRoot }
}, {
  rule: 'no privileges can be gained, nothing can be written, no capability is left',
  faults: everyContainer(({ securityContext: context = {} }) => [
    context.allowPrivilegeEscalation !== false && 'may gain privileges',
    context.readOnlyRootFilesystem !== true && 'can write to its root',
    context.capabilities?.drop?.includes('ALL') !== true && 'keeps capabilities',
    context.capabilities?.add !== undefined && 'has capabilities added'
  ]),
  breach: (objects) => { containerOf(objects, 'predictor').securityContext!.capabilities = { drop: ['NET_RAW'] } }
}, {
  rule: 'resources are asked for and limited',
  faults: everyContainer(({ resources: { requests = {}, limits = {} } = {} }) => amounts.flatMap((amount) => [
    requests[amount] === undefined && `asks for no ${amount}`, limits[amount] === undefined && `has no limit of ${amount}`
  ])),
  breach: (objects) => { delete containerOf(objects, 'predictor').resources!.limits!.memory }
}, {
  rule: 'no token of the cluster and no variables of its Services come in',
  faults: (objects) => [
    ...everyPod((pod) => [
      pod.automountServiceAccountToken !== false && 'has a token',
      pod.enableServiceLinks !== false && 'has the variables of Services',
      !ofKind(objects, 'ServiceAccount').some(({ metadata }) => metadata.name === pod.serviceAccountName) && 'has no account of its own'
    ])(objects),
    ...ofKind(objects, 'ServiceAccount').filter((account) => account.automountServiceAccountToken !== false).map(({ metadata }) => `${metadata.name}: hands out tokens`)
  ],
  breach: (objects) => { delete podOf(objects, 'predictor').enableServiceLinks }
}, {
  rule: 'what is mounted is a whole folder',
  faults: everyContainer(({ volumeMounts = [] }) => volumeMounts.map(({ mountPath, subPath }) =>
    subPath !== undefined && `${mountPath} is a subPath, which never sees a renewed Secret`)),
  breach: (objects) => { mountOf(objects, '/etc/tls').subPath = 'tls.crt' }
}, {
  rule: 'what is mounted is read-only, but for the gateway’s /tmp, which is small and the pod’s own',
  faults: everyPod(({ containers, volumes = [] }, { metadata }) => containers.flatMap(({ volumeMounts = [] }) =>
    volumeMounts.filter(({ readOnly }) => readOnly !== true).map(({ name, mountPath }) => {
      const size = volumes.find((volume) => volume.name === name)?.emptyDir?.sizeLimit
      return !(metadata.name === 'gateway' && mountPath === '/tmp' && size === '1Mi') && `${mountPath} is writable`
    }))),
  breach: (objects) => { delete mountOf(objects, '/etc/tls').readOnly }
}, {
  rule: 'a mounted Secret is for the pod’s group alone, and the pod’s user is in it',
  faults: everyPod(({ volumes = [], securityContext }) => [
    ...volumes.map(({ name, secret: { defaultMode = 0o644 } = { secretName: '', defaultMode: 0o440 } }) =>
      defaultMode !== 0o440 && `${name} has the mode ${defaultMode.toString(8)}`),
    volumes.some(({ secret }) => secret !== undefined) && securityContext?.fsGroup === undefined && 'Secrets belong to root’s group'
  ]),
  breach: (objects) => { delete podOf(objects, 'gateway').securityContext!.fsGroup }
}, {
  rule: 'the namespace enforces the restricted standard, and everything is in it',
  faults: (objects) => [
    ...objects.filter(({ kind, metadata }) => kind !== 'Namespace' && metadata.namespace !== 'model-edge').map(({ kind, metadata }) => `${kind} ${metadata.name} is elsewhere`),
    ...ofKind(objects, 'Namespace').filter(({ metadata }) => metadata.labels?.['pod-security.kubernetes.io/enforce'] !== 'restricted').map(() => 'not enforced')
  ],
  breach: (objects) => { delete named(objects, 'Namespace', 'model-edge').metadata.labels!['pod-security.kubernetes.io/enforce'] }
}]

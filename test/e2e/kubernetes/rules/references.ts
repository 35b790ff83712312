import { named, ofKind, picks } from '../objects.ts'
import type { Deployment, KubernetesObject } from '../objects.ts'
import type { Rule } from '../rules.ts'

/** Secrets that people or cert-manager make; deploy/README.md says how (kubernetes-settings.test.ts looks). */
export const madeElsewhere = ['gateway-tls', 'redis-auth', 'slack', 'client-ca', 'client-crl']

function referenceFaults (objects: KubernetesObject[], { metadata: { name }, spec }: Deployment): string[] {
  const { containers, volumes = [] } = spec.template.spec
  const secrets = [
    ...volumes.flatMap(({ secret }) => secret === undefined ? [] : [secret.secretName]),
    ...containers.flatMap(({ env = [] }) => env.flatMap(({ valueFrom }) => valueFrom?.secretKeyRef?.name ?? []))
  ]
  const configs = [
    ...volumes.flatMap(({ configMap }) => configMap === undefined ? [] : [configMap.name]),
    ...containers.flatMap(({ envFrom = [] }) => envFrom.map(({ configMapRef }) => configMapRef.name))
  ]
  const have = (kind: KubernetesObject['kind'], wanted: string) => ofKind(objects, kind).some(({ metadata }) => metadata.name === wanted)
  const generated = ofKind(objects, 'Secret').map(({ metadata }) => metadata.name.replace(/-[a-z0-9]{10}$/, ''))
  return [
    ...configs.filter((config) => !have('ConfigMap', config)).map((config) => `${name}: there is no ConfigMap ${config}`),
    ...configs.filter((config) => !/-[a-z0-9]{10}$/.test(config)).map((config) => `${name}: ${config} has no hash, so a change rolls no pod`),
    ...secrets.filter((secret) => generated.includes(secret)).map((secret) => `${name}: refers to ${secret} without the generated one’s hash`),
    ...secrets.filter((secret) => !have('Secret', secret) && !madeElsewhere.includes(secret)).map((secret) => `${name}: there is no Secret ${secret}`)
  ]
}

const templates = (objects: KubernetesObject[], labels: Record<string, string>) =>
  ofKind(objects, 'Deployment').filter(({ spec }) => picks(labels, spec.template.metadata.labels))

/** Names and labels that point at something. */
export const referenceRules: Rule[] = [{
  rule: 'what a pod refers to is there',
  faults: (objects) => ofKind(objects, 'Deployment').flatMap((deployment) => referenceFaults(objects, deployment)),
  breach: (objects) => { named(objects, 'Deployment', 'gateway').spec.template.spec.volumes!.find(({ name }) => name === 'tls')!.secret!.secretName = 'gateway-tsl' }
}, {
  rule: 'a Deployment’s selector picks its pods and no other’s',
  faults: (objects) => ofKind(objects, 'Deployment').filter(({ metadata, spec }) => {
    const picked = templates(objects, spec.selector.matchLabels).map((deployment) => deployment.metadata.name)
    return picked.join() !== metadata.name
  }).map(({ metadata }) => metadata.name),
  breach: (objects) => { named(objects, 'Deployment', 'gateway').spec.selector.matchLabels = { 'app.kubernetes.io/part-of': 'model-edge' } }
}, {
  rule: 'a Service leads to one Deployment, and to ports that it has',
  faults: (objects) => ofKind(objects, 'Service').flatMap(({ metadata: { name }, spec: { selector, ports } }) => {
    const targets = templates(objects, selector)
    if (targets.length !== 1) return [`${name} leads to ${targets.length} Deployments`]
    const declared = targets[0]!.spec.template.spec.containers.flatMap((container) => container.ports.map((port) => port.name))
    return ports.filter(({ targetPort }) => !declared.includes(targetPort)).map(({ targetPort }) => `${name} leads to no port ${targetPort}`)
  }),
  breach: (objects) => { named(objects, 'Service', 'predictor').spec.selector = { app: 'predictor' } }
}, {
  rule: 'the public Service shows the public ports only and keeps the clients’ addresses; the predictors’ is headless',
  faults: (objects) => ofKind(objects, 'Service').flatMap(({ metadata: { name }, spec: { type, ports, externalTrafficPolicy, clusterIP } }) => [
    ...type !== undefined && name !== 'gateway' ? [`${name} is public`] : [],
    ...name === 'gateway' && ports.map(({ port, targetPort }) => `${port} ${targetPort}`).join() !== '443 https,80 http' ? ['other ports are public'] : [],
    ...name === 'gateway' && externalTrafficPolicy !== 'Local' ? ['clients’ addresses are lost'] : [],
    ...name === 'predictor' && clusterIP !== 'None' ? ['connections to predictors are balanced, not requests'] : []
  ]),
  breach: (objects) => { named(objects, 'Service', 'gateway').spec.ports.push({ name: 'admin', port: 9090, targetPort: 'admin' }) }
}, {
  rule: 'an autoscaler has a Deployment that does not say itself how many there are',
  faults: (objects) => ofKind(objects, 'HorizontalPodAutoscaler').filter(({ spec: { scaleTargetRef } }) =>
    !ofKind(objects, 'Deployment').some(({ metadata, spec }) => metadata.name === scaleTargetRef.name && spec.replicas === undefined))
    .map(({ metadata }) => metadata.name),
  breach: (objects) => { named(objects, 'Deployment', 'gateway').spec.replicas = 2 }
}, {
  rule: 'metrics are asked of Services and ports that there are',
  faults: (objects) => ofKind(objects, 'ServiceMonitor').flatMap(({ spec: { selector, endpoints } }) => {
    const services = ofKind(objects, 'Service').filter(({ metadata }) => picks(selector.matchLabels, metadata.labels))
    const ports = services.flatMap(({ spec }) => spec.ports.map(({ name }) => name))
    return [
      ...services.map(({ metadata }) => metadata.name).join() === 'gateway-metrics,predictor-metrics' ? [] : ['not of both services'],
      ...endpoints.filter(({ port }) => !ports.includes(port)).map(({ port }) => `no port ${port}`)
    ]
  }),
  breach: (objects) => { named(objects, 'ServiceMonitor', 'model-edge').spec.endpoints[0]!.port = 'metrics' }
}, {
  rule: 'cert-manager writes the Secret that the gateway reads, for the hosts that it answers to',
  faults: (objects) => ofKind(objects, 'Certificate').flatMap(({ spec: { secretName, dnsNames } }) => {
    const { ALLOWED_HOSTS } = named(objects, 'ConfigMap', 'gateway-config').data
    return [
      ...secretName === 'gateway-tls' ? [] : [`written to ${secretName}`],
      ...ALLOWED_HOSTS === undefined || ALLOWED_HOSTS === dnsNames.join() ? [] : [`for ${dnsNames.join()}, not ${ALLOWED_HOSTS}`]
    ]
  }),
  breach: (objects) => { named(objects, 'Certificate', 'gateway-tls').spec.dnsNames = ['other.example.com'] }
}]

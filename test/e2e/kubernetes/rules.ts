import type { KubernetesObject } from './objects.ts'
import { networkRules } from './rules/network.ts'
import { podRules } from './rules/pods.ts'
import { referenceRules } from './rules/references.ts'
import { rolloutRules } from './rules/rollout.ts'

/** What every rendering must keep, and how it would be broken: a rule that its own breach does not trip is no rule. */
export interface Rule {
  rule: string
  /** A line a fault; none when the rule is kept. */
  faults: (objects: KubernetesObject[]) => string[]
  /** Breaks the rule in a rendering of deploy/production. */
  breach: (objects: KubernetesObject[]) => void
}

export const rules: Rule[] = [...podRules, ...rolloutRules, ...referenceRules, ...networkRules]

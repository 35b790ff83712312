import type { Figure } from '../figures/figure.ts'
import type { Options } from '../options.ts'
import type { tlsParameters } from '../tls.ts'
import type { machine } from './machine.ts'
import type { Reached } from './reach.ts'

/** Everything that one run found out; what `--json` writes. */
export interface Results {
  at: string
  machine: ReturnType<typeof machine>
  versions: Record<string, string>
  predictorBackend: string
  tls: typeof tlsParameters
  generator: 'wrk' | 'autocannon'
  rounds: Options['rounds']
  seconds: Options['seconds']
  /** Who was measured, by id. */
  servers: Record<string, string>
  /** Who was not, and why. */
  skipped: string[]
  /** Looked at while measuring; a wrong one would have ended the run. */
  answersChecked: number
  figures: Figure[]
  reached: Reached[]
}

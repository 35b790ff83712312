import { ModelError } from '../errors.ts'

/** A version that was to serve and does not, in words that may leave the service: no folder of this machine. */
export interface Refusal {
  /** None where the model's folder has no numbers, or no model. */
  readonly version?: string | undefined
  /** One sentence with file and field. */
  readonly reason: string
}

/** What was refused: `current` until it is mended or gone, `total` since the start. */
export interface Refusals { current?: Refusal | undefined, total: number }

/** As much as a message of an alert shows. */
const longest = 300

/** Why a version could not be loaded, as one line. */
export function reasonOf (error: unknown): string {
  if (!(error instanceof ModelError)) return 'it could not be loaded; the predictor\'s log tells why'
  const [first, ...more] = error.mistakes
  const line = first!.replaceAll(/\s+/g, ' ')
  const cut = line.length > longest ? `${line.slice(0, longest)}…` : line
  return more.length === 0 ? cut : `${cut} (and ${more.length} more)`
}

/** Why nothing serves: one sentence for all versions. What was not expected is thrown as it is. */
export function asOne (errors: readonly unknown[]): unknown {
  const unexpected = errors.find((error) => !(error instanceof ModelError))
  if (unexpected !== undefined) return unexpected
  const refused = errors as ModelError[]
  return new ModelError(refused.flatMap(({ mistakes }) => mistakes), { message: refused.map(({ message }) => message).join('; ') })
}

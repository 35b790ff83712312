import { ModelError } from '../errors.ts'
import type { LoadedModel } from './load.ts'
import { reasonOf, type Refusal } from './refusals.ts'
import type { Stamps } from './stamps.ts'
import type { VersionFolder } from './version-folder.ts'

/** Why a version does not serve; `isPassing`: it may the next time, though nobody changes it. */
export interface Failure extends Refusal { readonly error: unknown, readonly isPassing: boolean }

/** @param version the folder's number, if it has one */
export function failureOf (error: unknown, version?: string): Failure {
  return { version, reason: reasonOf(error), error, isPassing: !(error instanceof ModelError) || error.isPassing }
}

/** A version's folder: its content, since when it is as it is, and what became of loading it. Times in milliseconds. */
export class Candidate {
  readonly version: VersionFolder
  stamp = ''
  since = 0
  /** Why this content does not serve. */
  failure: Failure | undefined
  /** The failure that was told last; it stands until the content has been tried that is there now. */
  told: Failure | undefined

  constructor (version: VersionFolder) {
    this.version = version
  }

  /** Notes what the folder holds. @returns whether that is what it held before */
  async see (stamps: Stamps, now: number): Promise<boolean> {
    const stamp = await stamps.of(this.version.folder)
    if (stamp === this.stamp) return true
    this.stamp = stamp
    this.since = now
    this.failure = undefined
    return false
  }

  /** @returns the model, unless it is refused */
  async try (load: (version: VersionFolder) => Promise<LoadedModel>): Promise<LoadedModel | undefined> {
    try {
      return await load(this.version)
    } catch (error) {
      const failure = failureOf(error, this.version.number)
      // Tried again for nothing: still the same one, which is told once.
      if (this.failure?.reason !== failure.reason) this.failure = failure
    }
  }

  /** It serves, or did until now. */
  passed (): void {
    this.failure = this.told = undefined
  }
}

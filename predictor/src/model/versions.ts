import type { FastifyBaseLogger } from 'fastify'
import type { BackendName } from './backend.ts'
import { Candidate, type Failure, failureOf } from './candidate.ts'
import { type LoadedModel, loadVersion } from './load.ts'
import { RefusalReport } from './refusal-report.ts'
import { asOne, type Refusals } from './refusals.ts'
import { Stamps } from './stamps.ts'
import { findVersions, type VersionFolder } from './version-folder.ts'

/** Milliseconds that a version's files must have been as they are before it is loaded: somebody may be copying. */
const settle = 2000
/** The same before one that fails is told: half a copy fails too, and copying may come to a halt for a while. */
const patience = 10_000

export interface VersionsOptions {
  readonly modelDir: string
  readonly backend: BackendName
  readonly logger: Pick<FastifyBaseLogger, 'info' | 'error'>
  /** Where it is told what is refused. */
  readonly refusals: Refusals
  readonly load?: typeof loadVersion
  /** Milliseconds, on a clock that never goes back. */
  readonly now?: () => number
}

/** What serves: the model, and the content of the folder that it was loaded from. */
interface Serving { readonly model: LoadedModel, readonly stamp: string }

/**
 * Sees to it that the highest version that passes every check serves: at the start, and with each look at the folder. It is
 * looked at and not watched, since network mounts tell of no change, and a `..data` link that is swapped of none to the files.
 */
export class ModelVersions {
  readonly #options: VersionsOptions
  readonly #now: () => number
  readonly #stamps = new Stamps()
  readonly #candidates = new Map<string, Candidate>()
  #serving: Serving | undefined
  /** Since when the folder that serves is gone. */
  #missing: number | undefined
  /** Why there is no version at all. */
  #nothing: Failure | undefined
  readonly #report: RefusalReport
  #isClosed = false

  constructor (options: VersionsOptions) {
    this.#options = options
    this.#now = options.now ?? (() => performance.now())
    this.#report = new RefusalReport(options)
  }

  /**
   * Loads the highest version that passes; higher ones that do not are told.
   * @throws ModelError when none does, in one sentence
   */
  async start (): Promise<LoadedModel> {
    const refused: Candidate[] = []
    for (const version of await findVersions(this.#options.modelDir)) {
      const candidate = this.#candidate(version)
      // It was there before the service was: nobody is waited for.
      await candidate.see(this.#stamps, -Infinity)
      const { stamp } = candidate
      const model = await candidate.try(this.#load)
      if (model !== undefined) {
        this.#serving = { model, stamp }
        this.#tell(refused)
        return model
      }
      refused.push(candidate)
    }
    throw asOne(refused.map(({ failure }) => failure!.error))
  }

  /**
   * Looks at the folder once.
   * @returns a model that is to serve from now on, if there is one; whoever takes it disposes the one before
   */
  async look (): Promise<LoadedModel | undefined> {
    const versions = await this.#find()
    const isMissing = !versions.some((version) => this.#isServing(version))
    this.#missing = isMissing ? this.#missing ?? this.#now() : undefined
    // It may be about to be replaced: one folder moved away, the next one moved in.
    if (isMissing && !this.#isQuietSince(this.#missing!, settle)) return undefined
    const looked: Candidate[] = []
    let model: LoadedModel | undefined
    for (const version of versions) {
      const candidate = this.#candidate(version)
      looked.push(candidate)
      model = await this.#better(candidate)
      if (model !== undefined || this.#isServing(version)) break
    }
    const folders = new Set(looked.map(({ version }) => version.folder))
    for (const folder of this.#candidates.keys()) if (!folders.has(folder)) this.#candidates.delete(folder)
    this.#stamps.keep(folders)
    this.#tell(looked)
    return model
  }

  /** Takes no other model from now on. */
  close (): void {
    this.#isClosed = true
  }

  async #find (): Promise<VersionFolder[]> {
    try {
      const versions = await findVersions(this.#options.modelDir)
      this.#nothing = undefined
      return versions
    } catch (error) {
      this.#nothing ??= failureOf(error)
      return []
    }
  }

  /** Loads a version that has settled and is not what serves, or not in the content that serves. */
  async #better (candidate: Candidate): Promise<LoadedModel | undefined> {
    await candidate.see(this.#stamps, this.#now())
    if (this.#isServing(candidate.version) && candidate.stamp === this.#serving!.stamp) {
      candidate.passed()
      return undefined
    }
    const isRefused = candidate.failure !== undefined && !candidate.failure.isPassing
    if (isRefused || !this.#isQuietSince(candidate.since, settle)) return undefined
    const model = await candidate.try(this.#load)
    // Changed while it was loaded: neither its success nor its failure counts.
    const isSame = await candidate.see(this.#stamps, this.#now())
    if (model === undefined) return undefined
    if (!isSame || this.#isClosed) {
      model.dispose()
      return undefined
    }
    candidate.passed()
    this.#swapped(model)
    this.#serving = { model, stamp: candidate.stamp }
    return model
  }

  readonly #load = (version: VersionFolder) => (this.#options.load ?? loadVersion)(version, this.#options.backend)

  #swapped ({ signature: { name, version }, backend }: LoadedModel): void {
    const before = this.#serving!.model.signature
    this.#options.logger.info({ model: { name, version }, before: { name: before.name, version: before.version }, backend }, 'model swapped')
  }

  #tell (candidates: readonly Candidate[]): void {
    const failed = candidates.filter(({ failure, since }) => failure !== undefined && this.#isQuietSince(since, patience))
    const isGone = this.#missing !== undefined && this.#isQuietSince(this.#missing, patience)
    this.#report.tell({ serving: this.#serving!.model.signature, candidates, failed, nothing: isGone ? this.#nothing : undefined })
  }

  #candidate (version: VersionFolder): Candidate {
    let candidate = this.#candidates.get(version.folder)
    if (candidate === undefined) this.#candidates.set(version.folder, candidate = new Candidate(version))
    return candidate
  }

  #isServing ({ folder }: VersionFolder): boolean {
    return folder === this.#serving!.model.folder
  }

  #isQuietSince (since: number, milliseconds: number): boolean {
    return this.#now() - since >= milliseconds
  }
}

import { temporaryFolder } from '../e2e/stack.ts'

/** What the bench has started, and ends in reverse order, whichever way the bench itself ends. */
export class BenchScope {
  readonly #cleanups: (() => unknown)[] = []
  readonly #ended = new AbortController()
  /** For certificates, configurations and logs; gone with the scope. */
  readonly folder = temporaryFolder(this)

  /** Aborts when the scope ends: load generators end with it. */
  get signal (): AbortSignal {
    return this.#ended.signal
  }

  after (cleanup: () => unknown): void {
    this.#cleanups.push(cleanup)
  }

  async end (): Promise<void> {
    this.#ended.abort()
    for (const cleanup of this.#cleanups.splice(0).reverse()) await cleanup()
  }
}

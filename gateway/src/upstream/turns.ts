/** Bytes of answers that are passed on in one turn of the event loop: a fraction of a millisecond of encryption. */
const perTurn = 256 * 1024

/** Many large answers at once would fill a turn of the event loop with their encryption; short ones wait for its end. */
export class Turns {
  #left = perTurn
  #isScheduled = false
  #later: Array<() => void> = []

  /** Whether so many bytes may go in this turn; if not, `retry` is called in the next. */
  mayPass (bytes: number, retry: () => void): boolean {
    if (!this.#isScheduled) {
      this.#isScheduled = true
      setImmediate(() => this.#next())
    }
    if (this.#left <= 0) {
      this.#later.push(retry)
      return false
    }
    this.#left -= bytes
    return true
  }

  #next (): void {
    this.#isScheduled = false
    this.#left = perTurn
    const retries = this.#later
    this.#later = []
    for (const retry of retries) retry()
  }
}

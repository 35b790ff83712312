import type { Backend } from './backend.ts'

/** Who gets a request: of those that work, the least busy; in turn where several are. */
export class Choice {
  #turn = 0

  /** @param tried whom it was sent to in vain: not once more */
  among (backends: Iterable<Backend>, tried: Backend | undefined): Backend | undefined {
    const now = performance.now()
    const others = [...backends].filter((backend) => backend !== tried && backend.health !== 'not ready')
    const up = others.filter((backend) => backend.health === 'up')
    const trusted = up.filter((backend) => !backend.isSuspended(now))
    // When none is left that works, those that did not are asked all the same: one may have come back just now.
    const candidates = [trusted, up, others].find((some) => some.length > 0) ?? []
    this.#turn++
    let least: Backend | undefined
    for (let i = 0; i < candidates.length; i++) {
      const backend = candidates[(i + this.#turn) % candidates.length]!
      if (least === undefined || backend.inFlight < least.inFlight) least = backend
    }
    return least
  }
}

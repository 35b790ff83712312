import { messageOf } from './message.ts'
import type { Due, Groups } from './groups.ts'
import type { Outcome, Post } from './post.ts'
import type { SharedCounters, Timing } from './shared.ts'

// A message of more matters is no longer read.
const mattersAMessage = 8
// While the process ends there is no time for more patience.
const retryAtEnd = 200

interface DeliveryOptions {
  groups: Groups
  post: Post
  counters: SharedCounters
  timing: Timing
  host: string
  /** Called when Slack begins to fail, with the reason, and with `undefined` when it is well again. */
  onTrouble: (why: string | undefined) => void
}

/** Sends what is due, one message at a time, again and again until Slack takes it. What comes meanwhile joins what waits. */
export class Delivery {
  readonly #options: DeliveryOptions
  #timer: NodeJS.Timeout | undefined
  #sending: Promise<void> | undefined
  #failures = 0
  /** When the next message may go. */
  #notBefore = 0
  /** When there is no more time, once the process ends. */
  #until = Infinity
  #toldDroppedAt = -Infinity

  constructor (options: DeliveryOptions) {
    this.#options = options
  }

  /** To be called whenever there is something new. */
  schedule (): void {
    const { groups, counters } = this.#options
    counters.set('untold', groups.untold)
    if (this.#sending !== undefined || this.#until !== Infinity) return
    clearTimeout(this.#timer)
    const due = this.#nextDue
    if (due === Infinity) return
    this.#timer = setTimeout(() => {
      this.#sending = this.#send().finally(() => {
        this.#sending = undefined
        this.schedule()
      })
    }, Math.max(0, Math.max(due, this.#notBefore) - Date.now()))
  }

  /** Tells all that is left, as far as it can be done in the time that an end has. */
  async end (): Promise<void> {
    const { groups, timing } = this.#options
    this.#until = Date.now() + timing.end
    groups.hurried = true
    clearTimeout(this.#timer)
    await this.#sending
    while (this.#nextDue !== Infinity) {
      const wait = this.#failures === 0 ? 0 : Math.max(retryAtEnd, this.#notBefore - Date.now())
      if (Date.now() + wait >= this.#until) return
      await new Promise((resolve) => setTimeout(resolve, wait))
      await this.#send()
    }
  }

  get #nextDue (): number {
    const { groups, timing } = this.#options
    return Math.min(groups.nextDue, this.#dropped > 0 ? this.#toldDroppedAt + timing.period : Infinity)
  }

  /** Dropped and not told yet. */
  get #dropped (): number {
    const { counters } = this.#options
    return counters.get('dropped') - counters.get('droppedTold')
  }

  async #send (): Promise<void> {
    const { groups, post, counters, timing, host } = this.#options
    const due = groups.take(Date.now(), mattersAMessage)
    const dropped = this.#dropped
    if (due.length === 0 && dropped === 0) return
    const outcome = await post(messageOf(due, host, dropped), Math.min(timing.attempt, Math.max(1, this.#until - Date.now())))
    if (outcome.taken) this.#taken(due, dropped)
    else this.#failed(due, outcome)
    counters.set('untold', groups.untold)
  }

  #taken (due: Due[], dropped: number): void {
    const { groups, counters, timing, onTrouble } = this.#options
    const now = Date.now()
    groups.told(due, now)
    counters.add('sent', 1)
    counters.add('droppedTold', dropped)
    if (dropped > 0) this.#toldDroppedAt = now
    if (this.#failures > 0) onTrouble(undefined)
    this.#failures = 0
    this.#notBefore = now + timing.spacing
  }

  #failed (due: Due[], { hopeless, pause, why }: Outcome): void {
    const { groups, counters, timing, onTrouble } = this.#options
    const now = Date.now()
    counters.add('failed', 1)
    if (hopeless) {
      groups.told(due, now)
      counters.add('dropped', due.reduce((sum, { news }) => sum + news.count, 0))
    } else {
      groups.failed(due)
    }
    if (this.#failures++ === 0) onTrouble(why)
    const retry = Math.min(timing.firstRetry * 2 ** (this.#failures - 1), timing.longestRetry)
    // Not all gateways at once.
    this.#notBefore = now + (pause ?? retry * (0.75 + Math.random() / 4))
  }
}

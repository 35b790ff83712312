/** What the gateway's thread and the worker's count together, so that either may be asked while the other is busy or gone. */
export const slots = ['sent', 'failed', 'dropped', 'droppedTold', 'untold', 'ended'] as const
export type Slot = (typeof slots)[number]

/** Counters in memory that threads share. */
export class SharedCounters {
  readonly buffer: SharedArrayBuffer
  readonly #values: Int32Array

  constructor (buffer = new SharedArrayBuffer(slots.length * Int32Array.BYTES_PER_ELEMENT)) {
    this.buffer = buffer
    this.#values = new Int32Array(buffer)
  }

  get (slot: Slot): number {
    return Atomics.load(this.#values, slots.indexOf(slot))
  }

  add (slot: Slot, count: number): void {
    Atomics.add(this.#values, slots.indexOf(slot), count)
  }

  /** Sets a value, and wakes who waits for it. */
  set (slot: Slot, value: number): void {
    Atomics.store(this.#values, slots.indexOf(slot), value)
    Atomics.notify(this.#values, slots.indexOf(slot))
  }

  /** Halts this thread until a value is no longer 0, at most so many milliseconds. */
  waitFor (slot: Slot, milliseconds: number): void {
    Atomics.wait(this.#values, slots.indexOf(slot), 0, milliseconds)
  }
}

/** Milliseconds that tests make shorter. */
export interface Timing {
  /** For which alerts gather before they go to the worker. */
  gather: number
  /** From one telling of a matter to its summary. */
  period: number
  /** Between two messages; Slack takes about one a second. */
  spacing: number
  /** For one attempt to send. */
  attempt: number
  /** From a failed attempt to the next, doubled with every further one. */
  firstRetry: number
  longestRetry: number
  /** For what is still to be told when the process ends. */
  end: number
}

export const timing: Timing = {
  gather: 50, period: 60_000, spacing: 1000, attempt: 5000, firstRetry: 1000, longestRetry: 60_000, end: 3000
}

/** Different alerts that are held at a time, by either thread. */
export const mostMatters = 256

import { type BatchLimits, type BatchQueue, createBatchQueue } from './inference/batch-queue.ts'
import { createPredict, type Predict } from './inference/predictions.ts'
import type { LoadedModel } from './model/load.ts'
import { counted, type InferenceCounts } from './observe/metrics/inference.ts'

/**
 * A model and all that is made from it: the check of rows, the queue of its executions, its answers. One is exchanged for
 * another as a whole, so that what is checked against a model is executed by it and gets its labels. As the queue is its own,
 * twice as many rows may wait for the moment in which the one before finishes.
 */
export class ServedModel {
  readonly model: LoadedModel
  readonly predict: Predict
  readonly #queue: BatchQueue
  #holders = 0
  #letGo = () => {}

  constructor (model: LoadedModel, limits: BatchLimits, counts: InferenceCounts) {
    this.model = model
    this.#queue = createBatchQueue(counted(model, model.signature, counts), limits)
    this.predict = createPredict(model.signature, this.#queue)
  }

  /** Rows that wait for an execution. */
  get waiting (): number {
    return this.#queue.waiting
  }

  /** For a request that predicts more than once: the model stays until it is let go. @returns lets it go */
  hold (): () => void {
    this.#holders++
    return () => {
      this.#holders--
      this.#letGo()
    }
  }

  /** Frees the model as soon as all is answered that it was accepted for; nobody new may come to it. @returns resolves then */
  async retire (): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#letGo = () => { if (this.#holders === 0) this.#queue.whenEmpty(resolve) }
      this.#letGo()
    })
    this.model.dispose()
  }
}

/** Which model answers. */
export class ModelsInService {
  /** Whoever has read it asks it in the same turn of the event loop, or holds it. */
  current: ServedModel
  readonly #limits: BatchLimits
  readonly #counts: InferenceCounts
  readonly #retired = new Map<ServedModel, Promise<void>>()

  constructor (model: LoadedModel, limits: BatchLimits, counts: InferenceCounts) {
    this.#limits = limits
    this.#counts = counts
    this.current = new ServedModel(model, limits, counts)
    counts.waiting = () => [this.current, ...this.#retired.keys()].reduce((rows, { waiting }) => rows + waiting, 0)
  }

  /** From now on requests come to this model; those that came to the one before are answered by that. */
  swap (model: LoadedModel): void {
    const before = this.current
    this.current = new ServedModel(model, this.#limits, this.#counts)
    this.#counts.swaps++
    this.#retire(before)
  }

  /** Frees every model; resolves when the last one has answered. */
  async close (): Promise<void> {
    this.#retire(this.current)
    await Promise.all(this.#retired.values())
  }

  #retire (served: ServedModel): void {
    this.#retired.set(served, served.retire().then(() => { this.#retired.delete(served) }))
  }
}

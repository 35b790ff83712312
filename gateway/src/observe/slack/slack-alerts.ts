import { hostname } from 'node:os'
import type { Worker } from 'node:worker_threads'
import type { FastifyBaseLogger } from 'fastify'
import type { Alert } from '../../alerts.ts'
import { SharedCounters, mostMatters, timing as usual } from './shared.ts'
import type { Timing } from './shared.ts'
import type { Webhook } from './post.ts'
import { startWorker } from './start-worker.ts'
import { Tally } from './tally.ts'
import type { FromWorker, ToWorker, WorkerOptions } from './worker-messages.ts'

interface SlackOptions {
  webhook: Webhook
  logger: FastifyBaseLogger
  timing?: Partial<Timing>
}

const firstRestart = 1000
const longestRestart = 60_000
/** What the worker may use at most: it holds little, and Slack's answers are bounded. */
const workerMegabytes = 64

/**
 * Alerts on their way to Slack. All that takes time is done by a worker: the gateway's thread only counts, hands over what
 * came together when the worker has taken what came before, and never waits but at its very end.
 */
export class SlackAlerts {
  readonly #options: Required<SlackOptions> & { timing: Timing }
  readonly #counters = new SharedCounters()
  readonly #tally = new Tally(mostMatters)
  #worker: Worker | undefined
  #timer: NodeJS.Timeout | undefined
  /** Alerts handed over, that the worker has not taken yet. */
  #underWay = 0
  #restarts = 0
  #ended = false

  constructor ({ webhook, logger, timing = {} }: SlackOptions) {
    this.#options = { webhook, logger, timing: { ...usual, ...timing } }
    this.#start()
  }

  /** Messages that Slack took. */
  get sent (): number {
    return this.#counters.get('sent')
  }

  /** Attempts to send one that failed; it is sent again. */
  get failed (): number {
    return this.#counters.get('failed')
  }

  /** Alerts that were not told and never will be. */
  get dropped (): number {
    return this.#counters.get('dropped')
  }

  /** Passes one on; costs the caller next to nothing. */
  tell (alert: Alert): void {
    if (!this.#tally.add(alert, Date.now())) this.#counters.add('dropped', alert.count ?? 1)
    this.#handOverSoon()
  }

  /**
   * Halts the process until all is told, or its time is over. To be called at its very end: nothing of this thread runs
   * meanwhile, nor needs to.
   */
  end (): void {
    if (this.#ended || this.#worker === undefined) return
    this.#ended = true
    clearTimeout(this.#timer)
    if (this.#tally.isEmpty && this.#underWay === 0 && this.#counters.get('untold') === 0) return
    this.#handOver(true)
    this.#counters.waitFor('ended', this.#options.timing.end)
  }

  /** Ends it for good, with what is untold. */
  async terminate (): Promise<void> {
    this.#ended = true
    clearTimeout(this.#timer)
    await this.#worker?.terminate()
  }

  #handOverSoon (): void {
    if (this.#underWay > 0 || this.#worker === undefined || this.#tally.isEmpty) return
    this.#timer ??= setTimeout(() => this.#handOver(false), this.#options.timing.gather).unref()
  }

  #handOver (last: boolean): void {
    this.#timer = undefined
    const news = this.#tally.take()
    this.#underWay += news.reduce((sum, { count }) => sum + count, 0)
    this.#worker?.postMessage({ news, last } satisfies ToWorker)
  }

  #start (): void {
    const { webhook, timing } = this.#options
    const workerData: WorkerOptions = { webhook, timing, host: hostname(), buffer: this.#counters.buffer }
    const worker = startWorker({ name: 'slack', workerData, resourceLimits: { maxOldGenerationSizeMb: workerMegabytes } })
    worker.unref()
    worker.on('message', (message: FromWorker) => this.#heard(message))
    let reason: string | undefined
    // Not its text, which may hold what is nobody's business.
    worker.on('error', (error: NodeJS.ErrnoException) => { reason = error.code ?? error.name })
    worker.on('exit', () => this.#startAgain(reason))
    this.#worker = worker
  }

  #heard (message: FromWorker): void {
    const { logger } = this.#options
    if (message.event === 'taken') {
      this.#underWay = 0
      this.#restarts = 0
      this.#handOverSoon()
    } else if (message.why !== undefined) {
      logger.warn({ reason: message.why }, 'Slack does not take alerts: they wait')
    } else {
      logger.info('Slack takes alerts again')
    }
  }

  /** A worker that is gone took with it what it had; the next one starts after a pause. */
  #startAgain (reason: string | undefined): void {
    this.#worker = undefined
    if (this.#ended) return
    this.#options.logger.warn({ reason }, 'the Slack worker ended: it is started again')
    this.#counters.add('dropped', this.#counters.get('untold') + this.#underWay)
    this.#counters.set('untold', 0)
    this.#underWay = 0
    setTimeout(() => {
      if (this.#ended) return
      this.#start()
      this.#handOverSoon()
    }, Math.min(firstRestart * 2 ** this.#restarts++, longestRestart)).unref()
  }
}

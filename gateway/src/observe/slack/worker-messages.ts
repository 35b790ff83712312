import type { News } from './news.ts'
import type { Webhook } from './post.ts'
import type { Timing } from './shared.ts'

/** What the worker is started with. */
export interface WorkerOptions {
  webhook: Webhook
  /** Where the gateway runs, for people. */
  host: string
  timing: Timing
  buffer: SharedArrayBuffer
}

/** `last`: the process ends, all is to be told now. */
export interface ToWorker { news: News[], last: boolean }

/** `taken`: the news are the worker's now. `trouble`: Slack takes no messages, and why; without a reason: it does again. */
export type FromWorker = { event: 'taken' } | { event: 'trouble', why: string | undefined }

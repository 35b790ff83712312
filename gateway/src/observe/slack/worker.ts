import { parentPort, workerData } from 'node:worker_threads'
import { Delivery } from './delivery.ts'
import { Groups } from './groups.ts'
import { createPost } from './post.ts'
import { SharedCounters, mostMatters } from './shared.ts'
import type { FromWorker, ToWorker, WorkerOptions } from './worker-messages.ts'

/** The worker: takes news of the gateway's thread, and tells Slack. It must never keep the gateway waiting. */
const { webhook, host, timing, buffer } = workerData as WorkerOptions
const port = parentPort!
const answer = (message: FromWorker) => port.postMessage(message)
const counters = new SharedCounters(buffer)
const groups = new Groups(mostMatters, timing.period)
const delivery = new Delivery({
  groups, post: createPost(webhook), counters, timing, host, onTrouble: (why) => answer({ event: 'trouble', why })
})

port.on('message', (message: ToWorker) => {
  const now = Date.now()
  for (const news of message.news) counters.add('dropped', groups.add(news, now))
  delivery.schedule()
  answer({ event: 'taken' })
  if (message.last) void delivery.end().finally(() => counters.set('ended', 1))
})

import { createLogger } from '../../../src/observe/logger.ts'
import { startSlack } from '../../../src/observe/slack/start-slack.ts'
import { endWithGrace } from '../../../src/process-life.ts'

/** A process that tells Slack as the gateway does, for end.test.ts: does as it is told over IPC. */
const logger = await createLogger('info', true)
startSlack({ SLACK_WEBHOOK_URL: process.env.SLACK_WEBHOOK_URL, SLACK_CHANNEL: undefined }, logger)
const idle = setInterval(() => {}, 1000)
endWithGrace({
  logger,
  drainDelay: 0,
  shutdownTimeout: Number(process.env.SHUTDOWN_TIMEOUT_MS),
  unready: () => {},
  close: () => process.env.NEVER_CLOSES === undefined ? Promise.resolve(clearInterval(idle)) : new Promise(() => {})
})

process.on('message', (how) => {
  if (how === 'log') logger.error('something before')
  if (how === 'throw') throw new Error('outside', { cause: new Error('inside') })
  if (how === 'log and exit') {
    logger.error({ code: 'INTERNAL', requestId: 'the-last-one' }, 'internal error')
    process.exit(3)
  }
})
process.send?.('up')

import type { FastifyBaseLogger } from 'fastify'
import { onAlert } from '../../alerts.ts'
import type { Config } from '../../config.ts'
import { serverErrors } from '../server-errors.ts'
import { SlackAlerts } from './slack-alerts.ts'

type Settings = Pick<Config, 'SLACK_WEBHOOK_URL' | 'SLACK_CHANNEL'>

/** Tells Slack of this process's alerts from now to its end, if the configuration says where. */
export function startSlack (settings: Settings, logger: FastifyBaseLogger): SlackAlerts | undefined {
  const { SLACK_WEBHOOK_URL: url, SLACK_CHANNEL: channel } = settings
  if (url === undefined) return undefined
  const slack = new SlackAlerts({ webhook: { url, channel }, logger })
  onAlert((alert) => slack.tell(alert))
  // However the process ends, as long as it does so by itself.
  process.on('exit', () => {
    serverErrors.tellRest()
    slack.end()
  })
  return slack
}

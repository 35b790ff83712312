import type { Exposition } from './exposition.ts'

/** What came of alerts. */
interface Told { sent: number, failed: number, dropped: number }

/** Offers what became of alerts; all of it is 0 where nobody is to be told. */
export function exposeSlack (exposition: Exposition, slack: Told | undefined): void {
  exposition.counter({ name: 'gateway_slack_messages_sent_total', help: 'Messages that Slack took.' }, () => slack?.sent ?? 0)
  exposition.counter({ name: 'gateway_slack_send_failures_total', help: 'Attempts to send a message to Slack that failed; each is sent again.' },
    () => slack?.failed ?? 0)
  exposition.counter({ name: 'gateway_slack_alerts_dropped_total', help: 'Alerts that Slack will never be told of.' }, () => slack?.dropped ?? 0)
}

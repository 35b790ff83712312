import assert from 'node:assert/strict'
import { truncateSync } from 'node:fs'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { pino } from 'pino'
import { onAlert } from '../../../src/alerts.ts'
import type { Alert } from '../../../src/alerts.ts'
import { alertOfErrors } from '../../../src/observe/error-lines.ts'
import { loadCredentials } from '../../../src/tls/credentials.ts'
import { CredentialsWatch } from '../../../src/tls/reload.ts'
import { makeCertificate, temporaryFolder, writeCertificate } from '../../credentials.ts'
import { until } from '../../helper.ts'

const day = 24 * 60 * 60 * 1000

/** A certificate that is watched, and the alerts that come of it. */
async function watched (t: TestContext, daysLeft: number) {
  const alerts: Alert[] = []
  t.after(onAlert((alert) => alerts.push(alert)))
  const folder = temporaryFolder(t)
  const certificate = await makeCertificate({ to: new Date(Date.now() + daysLeft * day) })
  const { certFile, keyFile } = writeCertificate(folder, certificate)
  const logger = pino({ level: 'info' }, alertOfErrors({ write: () => {}, flush: (done?: () => void) => done?.() }))
  const watch = new CredentialsWatch({ certFile, keyFile, current: loadCredentials(certFile, keyFile), logger, use: () => {} })
  t.after(() => watch.close())
  return { alerts, certFile, replace: () => writeCertificate(folder, certificate) }
}

test('a certificate that is about to expire is told, with the day', async (t) => {
  const { alerts } = await watched(t, 5)
  assert.deepEqual(alerts.map(({ severity, what }) => [severity, what]), [['warning', 'certificate is about to expire']])
  assert.match(alerts[0]!.detail!, new RegExp(`^on ${new Date(Date.now() + 5 * day).toISOString().slice(0, 10)}T`))
})

test('one that is not is no news', async (t) => {
  assert.deepEqual((await watched(t, 20)).alerts, [])
})

test('one that is refused at reload is told, and that it is good again', async (t) => {
  const { alerts, certFile, replace } = await watched(t, 20)
  truncateSync(certFile, 100)
  await until(() => alerts.length === 1)
  assert.deepEqual([alerts[0]!.severity, alerts[0]!.what], ['error', 'certificate not reloaded: the old one stays in use'])
  assert.match(alerts[0]!.detail!, /TLS_CERT_FILE|certificate/)
  replace()
  await until(() => alerts.length === 2)
  assert.deepEqual([alerts[1]!.severity, alerts[1]!.what], ['recovery', 'certificate is good again'])
})

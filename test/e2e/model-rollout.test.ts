import assert from 'node:assert/strict'
import { cpSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fetchOnce, predict } from './https.ts'
import { answeredMore, startLoad } from './load.ts'
import { fromSource, root, run } from './process.ts'
import type { Running } from './process.ts'
import { startSlackServer } from './slack-server.ts'
import { freePorts, makeCertificates, temporaryFolder } from './stack.ts'

const shipped = `${root}model/artifact/iris/1`
const [setosa, versicolor, virginica] = ['Iris-setosa', 'Iris-versicolor', 'Iris-virginica']
const turned: Record<string, string> = { [setosa]: virginica, [versicolor]: setosa, [virginica]: versicolor }

/** The model that ships as another version: with the labels exchanged, so that its answers tell it, or with weights not its own. */
function copyVersion (folder: string, version: string, { isBad = false } = {}): void {
  cpSync(shipped, folder, { recursive: true })
  const signature = readFileSync(join(folder, 'signature.json'), 'utf8')
    .replace(/"version": "1"/, `"version": "${version}"`)
    .replaceAll(/Iris-\w+/g, (label) => turned[label]!)
  writeFileSync(join(folder, 'signature.json'), signature)
  if (isBad) writeFileSync(join(folder, 'weights.bin'), Buffer.alloc(readFileSync(join(folder, 'weights.bin')).length))
}

async function listening (service: Running): Promise<Record<string, string>> {
  return JSON.parse((await service.said(/^\{.*"msg":"listening".*\}$/m))[0])
}

test('under load a new version is rolled out, a bad one refused and told, and both are taken back: no request is lost', async (t) => {
  const models = join(temporaryFolder(t), 'models')
  cpSync(shipped, join(models, '1'), { recursive: true })
  const slack = await startSlackServer(t)
  const predictor = run(t, fromSource('predictor/src/server.ts'), { ...freePorts, MODEL_DIR: models })
  const { url: PREDICTOR_URL, adminUrl } = await listening(predictor)
  const { env, ca } = await makeCertificates(t)
  const gateway = run(t, fromSource('gateway/src/server.ts'), {
    ...freePorts, ...env, PREDICTOR_URL: PREDICTOR_URL!, RATE_LIMIT_RPS: '0', SLACK_WEBHOOK_URL: slack.url, SLACK_CHANNEL: '#alerts'
  })
  const { url } = await listening(gateway)
  const label = async () => JSON.parse((await predict(url!, ca)).body).iris_type
  const model = async () => JSON.parse((await fetchOnce(`${PREDICTOR_URL}/v2/health/ready`)).body).model
  const metrics = async () => (await fetchOnce(`${adminUrl}/metrics`)).body
  assert.deepEqual([await label(), (await model()).version], [setosa, '1'])

  const load = startLoad({ url: url!, ca, connections: 2 })
  await answeredMore(load, 50)
  copyVersion(join(models, '2'), '2')
  await predictor.said(/"msg":"model swapped"/)
  assert.deepEqual([await label(), (await model()).version], [virginica, '2'])
  assert.match(await metrics(), /^predictor_model_info\{model_name="iris",model_version="2",backend="\w+"\} 1$/m)
  assert.match(await metrics(), /^predictor_model_swaps_total 1$/m)
  await gateway.said(/"version":"2".*"msg":"upstream serves a model"/)

  copyVersion(join(models, '3'), '3', { isBad: true })
  const refused = await slack.told(/refused a model/)
  assert.match(refused, /^:rotating_light: \*upstream\* `127\.0\.0\.1:\d+ refused a model`/m)
  assert.match(refused, /version 3: signature\.json: golden\[0\]: the model answers/)
  assert.ok(!refused.includes(models))
  assert.deepEqual([await label(), (await model()).version, (await model()).refused.version], [virginica, '2', '3'])
  assert.match(await metrics(), /^predictor_model_refusals_total 1$/m)

  rmSync(join(models, '3'), { recursive: true })
  await slack.told(/refuses no model any more/)
  renameSync(join(models, '2'), join(models, 'withdrawn'))
  await predictor.saidTimes('"msg":"model swapped"', 2)
  await answeredMore(load, 50)
  await load.stop()
  assert.deepEqual(load.tally.lost, [])
  assert.deepEqual([await label(), (await model()).version], [setosa, '1'])
  t.diagnostic(`${load.tally.answered} requests answered, none lost`)
  for (const service of [gateway, predictor]) {
    service.child.kill('SIGTERM')
    assert.equal(await service.ended, 0)
  }
})

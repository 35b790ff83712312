import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { memory } from '@tensorflow/tfjs-core'
import type { BackendName } from '../../src/model/backend.ts'
import { loadHighest, post, predictor, readAnswers, writeItems } from '../helper.ts'
import { expected, flowers, type Regression, writeModel } from '../model-folder.ts'

/** Takes the same bodies, and answers in another field, with labels of its own in another order. */
const renewed: Regression = { ...flowers, labels: ['third', 'first', 'second'], response: 'kind' }
/** Takes other bodies: other field, other number of features. */
const narrow: Regression = {
  ...flowers, inputs: flowers.inputs.slice(0, 2), request: 'sepals', response: 'petals', kernel: flowers.kernel.slice(0, 2)
}

const rows = [[5.1, 3.5, 1.4, 0.2], [5.9, 3, 4.2, 1.5], [6.3, 3.3, 6, 2.5]]
const bodies = rows.map((row) => JSON.stringify({ iris_dimensions: row }))
const many = 400

/** What each of the two models answers to the rows. */
const answersOf = (model: Regression) => rows.map((row) => JSON.stringify({ [model.response]: expected(model, row).label }))
const lines = (answers: string[]) => Array.from({ length: many }, (_, i) => `{"status":200,"body":${answers[i % 3]}}\n`).join('')

/** The version whose answers these are, all of them. */
function whose (answer: string, of: (answers: string[]) => string): string {
  if (answer === of(answersOf(flowers))) return 'old'
  if (answer === of(answersOf(renewed))) return 'new'
  throw new Error(`nobody's: ${answer.slice(0, 200)}`)
}

const ways: [what: string, ask: (app: Parameters<typeof post>[0]) => Promise<string>][] = [
  ['single', async (app) => {
    const { statusCode, body } = await post(app, 'application/json', bodies[1]!)
    assert.equal(statusCode, 200)
    return whose(body, (answers) => answers[1]!)
  }],
  ['lines', async (app) => {
    const { body } = await post(app, 'application/x-ndjson', Array.from({ length: many }, (_, i) => bodies[i % 3]).join('\n'))
    return whose(body, lines)
  }],
  ['exchange', async (app) => {
    const items = Array.from({ length: 30 }, (_, i) => ({ body: bodies[i % 3]! }))
    const answers = readAnswers((await post(app, 'application/x-exchange', writeItems(items))).rawPayload)
    assert.ok(answers.every(({ status }) => status === 200))
    return whose(answers.map(({ body }) => body).join(), (own) => Array.from({ length: 30 }, (_, i) => own[i % 3]).join())
  }]
]

const loaded = async (t: TestContext, model: Regression, backend?: BackendName) => loadHighest(await writeModel(t, model), backend)

for (const backend of ['cpu', 'wasm'] satisfies BackendName[]) {
  test(`${backend}: under requests of all kinds every answer is wholly one model's, none fails, and no tensor stays behind over 50 swaps`, async (t) => {
    const { app, models, counts } = await predictor(t, flowers, backend, { executionMax: 20 })
    await app.ready()
    const folders = await Promise.all([writeModel(t, renewed), writeModel(t, flowers)])
    const { numTensors } = memory()
    const seen = new Set<string>()
    const over = new AbortController()
    const clients = ways.flatMap(([what, ask]) => [what, what].map(async () => {
      while (!over.signal.aborted) seen.add(`${what}: ${await ask(app)}`)
    }))
    let held = 0
    for (let i = 0; i < 50; i++) {
      const before = models.current
      models.swap(await loadHighest(folders[i % 2]!, backend))
      // Lines that were begun on the one before are still on it.
      if (memory().numTensors > numTensors) held++
      assert.notEqual(models.current, before)
      await post(app, 'application/json', bodies[0]!)
    }
    over.abort()
    await Promise.all(clients)
    assert.deepEqual([...seen].sort(), ways.flatMap(([what]) => [`${what}: new`, `${what}: old`]).sort())
    assert.ok(held > 0, 'no request was under way at any swap')
    assert.equal(memory().numTensors, numTensors)
    assert.deepEqual([counts.inference.swaps, counts.inference.failures, counts.inference.waiting()], [50, 0, 0])
  })
}

test('a batch that was begun before the swap is answered by the model it began on, to its end', async (t) => {
  const { app, model, models } = await predictor(t, flowers, 'cpu', { executionMax: 20 })
  const { classify } = model
  const next = await loaded(t, renewed)
  let executions = 0
  model.classify = (batch) => {
    if (++executions === 3) models.swap(next)
    return classify(batch)
  }
  const text = Array.from({ length: many }, (_, i) => bodies[i % 3]).join('\n')
  const before = post(app, 'application/x-ndjson', text)
  assert.equal(whose((await before).body, lines), 'old')
  assert.equal(executions, many / 20)
  assert.throws(() => classify([rows[0]!]), /disposed/)
  assert.equal(whose((await post(app, 'application/x-ndjson', text)).body, lines), 'new')
})

test('a model that a request holds is freed when it is let go, and not before', async (t) => {
  const { models } = await predictor(t)
  const before = memory().numTensors
  const letGo = models.current.hold()
  models.swap(await loaded(t, renewed))
  assert.ok(memory().numTensors > before)
  letGo()
  await new Promise((resolve) => setImmediate(resolve))
  assert.equal(memory().numTensors, before)
})

test('checks, field names, labels, health and metrics are the new model’s at once', async (t) => {
  const { app, admin, models } = await predictor(t)
  await post(app, 'application/json', bodies[0]!)
  models.swap(await loaded(t, { ...narrow, name: 'petals' }))
  assert.equal((await post(app, 'application/json', bodies[0]!)).json().error,
    'sepals must be an array of exactly 2 numbers (sepal_length, sepal_width in cm); got nothing')
  const answer = await post(app, 'application/json', '{"sepals":[5.1,3.5]}')
  assert.deepEqual(answer.json(), { petals: expected(narrow, [5.1, 3.5]).label })
  assert.deepEqual((await app.inject('/v2/health/ready')).json().model, { name: 'petals', version: '1', backend: 'cpu' })
  const metrics = (await admin.inject('/metrics')).payload
  assert.match(metrics, /^predictor_model_info\{model_name="petals",model_version="1",backend="cpu"\} 1$/m)
  assert.doesNotMatch(metrics, /predictor_model_info\{model_name="flowers"/)
  assert.match(metrics, /^predictor_model_swaps_total 1$/m)
  // What the one before answered is not the new one's doing, and is not lost.
  assert.match(metrics, /^predictor_predictions_total\{model_name="flowers",model_version="1",label="Iris-setosa"\} 1$/m)
  const total = [...metrics.matchAll(/^predictor_predictions_total\{model_name="petals".*\} (\d+)$/gm)].reduce((sum, [, count]) => sum + Number(count), 0)
  assert.equal(total, 1)
})

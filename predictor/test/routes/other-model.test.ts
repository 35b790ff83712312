import assert from 'node:assert/strict'
import { test } from 'node:test'
import { predict, predictor } from '../helper.ts'
import { expected, fruit } from '../model-folder.ts'

test('a model with other fields, features, units and classes is served the same way', async (t) => {
  const { app, admin } = await predictor(t, fruit)
  const labels = new Set<string>()
  for (const row of [[180, 0.7], [120, 0], [8, 0.9], [20, 0.1], [0.5, 0.1]]) {
    const response = await predict(app, JSON.stringify({ measurements: row }))
    assert.equal(response.body, JSON.stringify({ kind: expected(fruit, row).label }))
    labels.add(response.json().kind)
  }
  assert.ok(labels.size >= 3, 'the rows reach several classes')
  assert.deepEqual((await admin.inject('/readyz')).json().model, { name: 'fruit', version: '1' })
})

test('its refusals speak of its own fields', async (t) => {
  const { app } = await predictor(t, fruit)
  assert.equal((await predict(app, '{"iris_dimensions":[5.1,3.5,1.4,0.2]}')).json().error,
    'measurements must be an array of exactly 2 numbers (mass in g, redness); got nothing')
  assert.equal((await predict(app, '{"measurements":[1,"red"]}')).json().error,
    'measurements[1] (redness) must be a finite number; got "red"')
})

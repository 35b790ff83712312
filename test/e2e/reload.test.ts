import assert from 'node:assert/strict'
import { utimesSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { predict } from './https.ts'
import { root } from './process.ts'
import { startStack } from './stack.ts'

for (const [service, file] of [['gateway', 'gateway/src/app.ts'], ['predictor', 'model/artifact/iris/1/model.json']] as const) {
  test(`${file} changed: the ${service} starts again on the same ports`, async (t) => {
    const stack = await startStack(t)
    const now = new Date()
    utimesSync(join(root, file), now, now)
    await stack.local.said(new RegExp(`${service}.*\\| ${service} changed: starting it again`))
    // Both have said so once before.
    await stack.local.saidTimes('"msg":"listening"', 3)
    assert.equal((await predict(stack.url, stack.ca)).body, '{"iris_type":"Iris-setosa"}')
    stack.local.child.kill('SIGTERM')
    assert.equal(await stack.local.ended, 0)
  })
}

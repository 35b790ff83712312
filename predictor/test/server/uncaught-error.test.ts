import assert from 'node:assert/strict'
import { test } from 'node:test'
import { flowers, writeModel } from '../model-folder.ts'
import { started } from './process.ts'

const bugs = {
  'an uncaught error': 'process.once(\'SIGWINCH\', () => { throw new Error(\'planted bug\') })',
  'an unhandled rejection': 'process.once(\'SIGWINCH\', () => { Promise.reject(new Error(\'planted bug\')) })'
}

// wasm too: its runtime installs listeners that would rethrow the error before anything drains.
for (const backend of ['cpu', 'wasm']) {
  for (const [what, bug] of Object.entries(bugs)) {
    test(`${backend}: ${what} is logged with its stack, drained, exit 1`, async (t) => {
      const env = { MODEL_DIR: await writeModel(t, flowers), TFJS_BACKEND: backend }
      const { child, ended, lines } = await started(t, env, { imports: [bug] })
      child.kill('SIGWINCH')
      assert.deepEqual(await ended, [1, null])
      const fatal = lines().find(({ level }) => level === 60)
      assert.equal(fatal?.msg, 'uncaught error, draining')
      assert.match((fatal.err as { stack: string }).stack, /planted bug/)
      assert.ok(lines().some(({ msg }) => msg === 'drained'))
    })
  }
}

import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { fromSource, runToEnd } from './process.ts'
import { temporaryFolder } from './stack.ts'

/** Packages are looked for from where the script is. */
function importIn (t: TestContext, folder: string, name: string) {
  const script = join(folder, 'import.mjs')
  writeFileSync(script, `console.log(Object.keys(await import('${name}')).length > 0)`)
  return runToEnd(t, [script])
}

// What puts tfjs-node, whose library cannot always be downloaded, into the image.
test('a package copied out of the workspace can be imported where it is, and brings nothing else', async (t) => {
  const folder = temporaryFolder(t)
  const copied = await runToEnd(t, fromSource('deploy/images/closure.ts', 'predictor', '@tensorflow/tfjs-layers', join(folder, 'node_modules')))
  assert.equal(copied.code, 0, copied.output)
  assert.notEqual((await importIn(t, folder, 'fastify')).code, 0)
  // Its peer, which a program imports with it, is beside it.
  const { code, output } = await importIn(t, folder, '@tensorflow/tfjs-layers')
  assert.equal(code, 0, output)
  assert.match(output, /true/)
})

test('`pnpm images` tells what it does not take, and which builder does not work', async (t) => {
  const unknown = await runToEnd(t, fromSource('deploy/images.ts', '--nothing'))
  assert.equal(unknown.code, 1)
  assert.match(unknown.output, /--nothing[^]*--base IMAGE/)
  const absent = await runToEnd(t, fromSource('deploy/images.ts', '--builder', 'kaniko'))
  assert.equal(absent.code, 1)
  assert.match(absent.output, /^images: kaniko does not work here$/m)
})

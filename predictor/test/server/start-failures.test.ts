import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { test, type TestContext } from 'node:test'
import { flowers, weightsOf, writeModel } from '../model-folder.ts'
import { run } from './process.ts'

type Environment = (t: TestContext) => Promise<Record<string, string>>

const failures: [what: string, environment: Environment, sentence: RegExp][] = [
  ['a bad setting', async () => ({ PREDICTOR_PORT: '0x10', LOG_LEVEL: 'loud' }), /^LOG_LEVEL must be .*; got "loud"; PREDICTOR_PORT must be .*; got "0x10"$|^PREDICTOR_PORT must be .*; got "0x10"; LOG_LEVEL must be .*; got "loud"$/],
  ['no model folder', async () => ({ MODEL_DIR: '/nowhere/at/all' }), /^the model folder \/nowhere\/at\/all cannot be read \(ENOENT\)$/],
  ['weights cut short', async (t) => ({ MODEL_DIR: await writeModel(t, flowers, { weights: weightsOf(flowers).subarray(4) }) }), /weights\.bin must have 60 bytes, as model\.json says; got 56$/],
  ['a signature that breaks its schema', async (t) => ({ MODEL_DIR: await writeModel(t, flowers, { signature: { name: 'x' } }) }), /signature\.json: the signature lacks version$/],
  ['golden examples that fail', async (t) => ({ MODEL_DIR: await writeModel(t, flowers, { weights: Buffer.alloc(60) }) }), /golden\[0\]: the model answers/],
  ['an unknown backend', async () => ({ TFJS_BACKEND: 'gpu' }), /^TFJS_BACKEND must be one of auto, tensorflow, wasm, cpu; got "gpu"$/],
  ['a port in use', async (t) => ({ MODEL_DIR: await writeModel(t, flowers), PREDICTOR_PORT: await takenPort(t) }), /^cannot listen on port \d+ of 127\.0\.0\.1, which PREDICTOR_PORT asks for: another process has it$/],
  ['an admin port in use', async (t) => ({ MODEL_DIR: await writeModel(t, flowers), PREDICTOR_ADMIN_PORT: await takenPort(t) }), /^cannot listen on port \d+ of 127\.0\.0\.1, which PREDICTOR_ADMIN_PORT asks for: another process has it$/],
  ['an address that is not this machine\'s', async (t) => ({ MODEL_DIR: await writeModel(t, flowers), PREDICTOR_HOST: '192.0.2.1' }), /^cannot listen on port 0 of 192\.0\.2\.1, which PREDICTOR_PORT asks for: EADDRNOTAVAIL$/]
]

async function takenPort (t: TestContext): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1')
  t.after(() => { server.close() })
  await once(server, 'listening')
  return String((server.address() as { port: number }).port)
}

for (const [what, environment, sentence] of failures) {
  test(`${what}: exit 1, one sentence, no stack`, async (t) => {
    // `silent` must not silence the reason for not starting.
    const { child, ended, stdout, stderr } = run(t, { LOG_LEVEL: 'silent', ...await environment(t) })
    let listened = false
    child.on('message', () => { listened = true })
    assert.deepEqual(await ended, [1, null])
    assert.equal(listened, false)
    assert.equal(stdout(), '')
    const line = JSON.parse(stderr())
    assert.equal(line.level, 60)
    assert.match(line.msg, sentence)
    assert.equal(line.err, undefined)
  })
}

test('a forced backend that is not installed: exit 1, one sentence', async (t) => {
  // Where libtensorflow is installed, this loader hides it.
  const hide = `import { register } from 'node:module'
    register('data:text/javascript,' + encodeURIComponent(\`export async function resolve (name, context, next) {
      if (name === '@tensorflow/tfjs-node') throw Object.assign(new Error('hidden'), { code: 'ERR_MODULE_NOT_FOUND' })
      return next(name, context)
    }\`))`
  const { ended, stderr } = run(t, { TFJS_BACKEND: 'tensorflow', MODEL_DIR: await writeModel(t, flowers) }, { imports: [hide] })
  assert.deepEqual(await ended, [1, null])
  assert.equal(JSON.parse(stderr()).msg, 'TFJS_BACKEND=tensorflow is not available here (tensorflow: it is not installed)')
})

test('--check says what a start would say, and exits 1', async (t) => {
  const { ended, stdout, stderr } = run(t, { MODEL_DIR: '/nowhere/at/all', TFJS_BACKEND: 'cpu' }, { args: ['--check'] })
  assert.deepEqual(await ended, [1, null])
  assert.equal(stderr(), 'the model folder /nowhere/at/all cannot be read (ENOENT)\n')
  assert.ok(!stdout().includes('model '))
})

test('any other argument: one sentence, exit 1', async (t) => {
  for (const args of [['--chekc'], ['--check', 'x'], ['start']]) {
    const { ended, stderr } = run(t, {}, { args })
    assert.deepEqual(await ended, [1, null])
    assert.equal(stderr(), `the predictor takes no argument but --check; got ${args.join(' ')}\n`)
  }
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pino } from 'pino'
import { Discovery } from '../../src/upstream/discovery.ts'

const logger = pino({ level: 'silent' })

/** Looks names up once; `names` stands in for the system's resolver. */
async function found (origins: string[], names: Record<string, string[]>, times = 1): Promise<string[][]> {
  const seen: string[][] = []
  for (let i = 0; i < times; i++) {
    const discovery = new Discovery(origins, (all) => seen.push([...all]), logger, async (host) => names[host] ?? Promise.reject(new Error('ENOTFOUND')))
    await discovery.start()
    discovery.close()
  }
  return seen
}

test('a name stands for all its addresses, an address for itself, each once', async () => {
  const names = { predictor: ['10.0.0.1', '10.0.0.2', 'fd00::1'] }
  assert.deepEqual(await found(['http://predictor:8000', 'http://10.0.0.2:8000', 'http://[fd00::2]:9', 'http://10.0.0.9'], names), [[
    'http://10.0.0.1:8000', 'http://10.0.0.2:8000', 'http://[fd00::1]:8000', 'http://[fd00::2]:9', 'http://10.0.0.9:80'
  ]])
})

test('a name that does not resolve takes nothing from the others', async () => {
  assert.deepEqual(await found(['http://gone:1', 'http://here:1'], { here: ['10.0.0.1'] }), [['http://10.0.0.1:1']])
})

test('names are looked up again; one that fails then keeps what it had', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const answers = [['10.0.0.1'], ['10.0.0.1', '10.0.0.2'], undefined, ['10.0.0.2']]
  const seen: string[] = []
  let looked = () => {}
  const discovery = new Discovery(['http://predictor:8000'], (all) => { seen.push([...all].join()); looked() }, logger, async () =>
    answers.shift() ?? Promise.reject(new Error('SERVFAIL')))
  await discovery.start()
  for (let i = 0; i < 3; i++) {
    const again = new Promise<void>((resolve) => { looked = resolve })
    // The next look-up is only due once this one has been told.
    await new Promise(setImmediate)
    t.mock.timers.tick(2000)
    await again
  }
  discovery.close()
  const [one, two] = ['http://10.0.0.1:8000', 'http://10.0.0.2:8000']
  assert.deepEqual(seen, [one, `${one},${two}`, `${one},${two}`, two])
})

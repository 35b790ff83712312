import assert from 'node:assert/strict'
import { test } from 'node:test'
import { memory, tensor2d, type Tensor, tidy } from '@tensorflow/tfjs-core'
import { input, layers, type LayersModel, model, sequential, type SymbolicTensor } from '@tensorflow/tfjs-layers'
import { type BackendName, startBackend } from '../../src/model/backend.ts'
import { beforeSoftmax } from '../../src/model/before-softmax.ts'
import { chainOf } from '../../src/model/chain.ts'

const stack = (list: layers.Layer[]) => sequential({ layers: list })
const first = (units: number, activation: 'relu' | 'linear' | 'tanh') => layers.dense({ units, activation, inputShape: [4] })

const chains: Record<string, () => LayersModel> = {
  'a regression': () => stack([layers.dense({ units: 3, activation: 'softmax', inputShape: [4] })]),
  'hidden layers': () => stack([first(16, 'relu'), layers.dense({ units: 8, activation: 'sigmoid', useBias: false }), layers.dense({ units: 3, activation: 'softmax' })]),
  'layers that only training heeds': () => stack([first(8, 'linear'), layers.batchNormalization(), layers.dropout({ rate: 0.5 }), layers.leakyReLU(), layers.dense({ units: 3 })]),
  'activations by themselves': () => stack([first(8, 'tanh'), layers.layerNormalization(), layers.activation({ activation: 'relu' }), layers.elu(), layers.dense({ units: 3 }), layers.softmax()]),
  'a layer twice': () => {
    const [begin, shared] = [input({ shape: [4] }), layers.dense({ units: 4, activation: 'relu' })]
    return model({ inputs: begin, outputs: layers.dense({ units: 3, activation: 'softmax' }).apply(shared.apply(shared.apply(begin))) as SymbolicTensor })
  },
  'a stack within a stack': () => stack([stack([first(8, 'relu'), layers.dense({ units: 4 })]), layers.dense({ units: 3 })]),
  'nothing but dropout': () => stack([layers.dropout({ rate: 0.2, inputShape: [4] })])
}

/** Rows of all sizes, the same at each run, with the numbers that arithmetic stumbles over. */
function rows (count: number): number[][] {
  let seed = 12345
  const next = () => (seed = (seed * 1103515245 + 12345) % 2147483648) / 2147483648
  const random = Array.from({ length: count }, () => Array.from({ length: 4 }, () => (next() - 0.5) * 10 ** Math.floor(next() * 12 - 4)))
  return [...random, [0, -0, 0, -0], [3e38, 3e38, -3e38, 3e38], [1e-40, -1e-40, 1e-45, 0]]
}

function bits (run: (batch: Tensor) => unknown, batch: number[][]): number[] {
  let scores!: Float32Array
  tidy(() => { scores = (run(tensor2d(batch)) as Tensor).dataSync<'float32'>().slice() })
  return [...new Uint32Array(scores.buffer)]
}

for (const backend of ['cpu', 'wasm'] satisfies BackendName[]) {
  for (const [what, build] of Object.entries(chains)) {
    test(`${backend}, ${what}: the same numbers to the last bit as tfjs’ own way, and no tensor left`, async () => {
      await startBackend(backend)
      const whole = build()
      for (const served of [whole, beforeSoftmax(whole) ?? whole]) {
        const chain = chainOf(served)
        assert.ok(chain)
        const before = memory().numTensors
        for (const batch of [rows(100), rows(0).slice(0, 1)]) {
          assert.deepEqual(bits(chain, batch), bits((tensor) => served.apply(tensor), batch))
        }
        assert.equal(memory().numTensors, before)
      }
    })
  }
}

test('what is no plain chain is left to tfjs', async () => {
  await startBackend('cpu')
  const begin = input({ shape: [4] })
  const dense = () => layers.dense({ units: 4 })
  const sides = [dense().apply(begin), dense().apply(begin)] as SymbolicTensor[]
  const others = {
    branches: model({ inputs: begin, outputs: layers.add().apply(sides) as SymbolicTensor }),
    'two outputs': model({ inputs: begin, outputs: sides }),
    'a mask': stack([layers.reshape({ targetShape: [4, 1], inputShape: [4] }), layers.masking(), layers.flatten(), dense()]),
    'a fixed batch': stack([layers.dense({ units: 3, batchInputShape: [2, 4] })])
  }
  for (const [what, other] of Object.entries(others)) assert.equal(chainOf(other), undefined, what)
})

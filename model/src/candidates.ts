import { fitDiscriminantAnalysis } from './candidates/discriminant-analysis.ts'
import { fitNetwork } from './candidates/gradient-descent.ts'
import type { DenseModel } from './candidates/dense-layers.ts'
import type { Dataset } from './dataset.ts'

/**
 * A way to make a model from data. The two that have settings got good ones of a handful tried under the same protocol,
 * which can only flatter them beside the one that has none.
 */
export interface Candidate {
  name: string
  title: string
  description: string
  fit: (dataset: Dataset) => DenseModel
}

const SEED = 1936

/** What is compared, simplest first. */
export const CANDIDATES: Candidate[] = [
  {
    name: 'softmax-regression',
    title: 'Softmax regression',
    description: 'One softmax layer, fitted by gradient descent (Adam, 500 steps) with a weak ridge (0.0001).',
    fit: (dataset) => fitNetwork(dataset, { hidden: [], epochs: 500, learningRate: 0.1, ridge: 1e-4, seed: SEED })
  },
  {
    name: 'dense-network',
    title: 'Small dense network',
    description: 'Eight tanh units and a softmax layer, fitted by gradient descent (Adam, 300 steps) with a ridge (0.003).',
    fit: (dataset) => fitNetwork(dataset, { hidden: [8], epochs: 300, learningRate: 0.05, ridge: 3e-3, seed: SEED })
  },
  {
    name: 'linear-discriminant-analysis',
    title: 'Linear discriminant analysis',
    description: 'Normal classes with one pooled covariance, solved in closed form; its posterior is one softmax layer.',
    fit: fitDiscriminantAnalysis
  }
]

import { ModelError } from '../errors.ts'
import type { Classifier } from '../inference/classifier.ts'
import { quote } from '../quote.ts'
import type { Signature } from '../schemas/signature.ts'

/** How far a probability may be from the golden one: backends differ by rounding, about 1e-7. */
const tolerance = 1e-4

/**
 * Runs the golden examples, all in one execution, which also warms the backend up.
 * @throws ModelError when the model cannot be run, gives no probabilities, or disagrees with an example
 */
export function checkGolden (classifier: Classifier, { golden, labels }: Signature): void {
  const answers = run(classifier, golden.map(({ input }) => input))
  for (const [i, expected] of golden.entries()) {
    const answer = answers[i]
    if (answer === undefined) throw new ModelError(`golden[${i}]: the model's output is not finite`)
    const { label, probabilities } = answer
    const sum = probabilities.reduce((total, probability) => total + probability, 0)
    if (Math.abs(sum - 1) > 1e-3 || probabilities.some((probability) => probability < 0)) {
      throw new ModelError(`golden[${i}]: the model's output is not probabilities; got ${quote([...probabilities])}`)
    }
    const wrong = probabilities
      .findIndex((probability, k) => Math.abs(probability - expected.probabilities[k]!) > tolerance)
    if (label !== expected.label || wrong >= 0) {
      const k = Math.max(wrong, 0)
      throw new ModelError(`golden[${i}]: the model answers ${quote(label)} with ${probabilities[k]} for ${quote(labels[k])} ` +
        `where signature.json has ${quote(expected.label)} with ${expected.probabilities[k]}`)
    }
  }
}

function run (classifier: Classifier, rows: readonly (readonly number[])[]) {
  try {
    return classifier.classify(rows)
  } catch (error) {
    throw new ModelError(`the model cannot be run on its golden examples: ${(error as Error).message.split('\n', 1)[0]}`, { cause: error })
  }
}

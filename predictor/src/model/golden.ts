import { ModelError } from '../errors.ts'
import type { Classification, Classifier } from '../inference/classifier.ts'
import { quote } from '../quote.ts'
import type { Signature } from '../schemas/signature.ts'
import { manifestFile } from './artifact.ts'
import { signatureFile } from './signature.ts'

/** How far a probability may be from the golden one: backends differ by rounding, about 1e-7. */
const tolerance = 1e-4

/**
 * Runs the golden examples, all in one execution, which also warms the backend up.
 * @throws ModelError when the model cannot be run; when it gives no probabilities or disagrees, with every such example
 */
export function checkGolden (classifier: Classifier, { golden, labels }: Signature): void {
  const answers = run(classifier, golden.map(({ input }) => input))
  const mistakes = golden.flatMap((expected, i) => {
    const mistake = mistakeIn(answers[i], expected, labels)
    return mistake === undefined ? [] : [`${signatureFile}: golden[${i}]: ${mistake}`]
  })
  if (mistakes.length > 0) throw new ModelError(mistakes)
}

function mistakeIn (answer: Classification | undefined, expected: Classification, labels: readonly string[]): string | undefined {
  if (answer === undefined) return 'the model\'s output is not finite'
  const { label, probabilities } = answer
  const sum = probabilities.reduce((total, probability) => total + probability, 0)
  if (Math.abs(sum - 1) > 1e-3 || probabilities.some((probability) => probability < 0)) {
    return `the model's output is not probabilities; got ${quote([...probabilities])}`
  }
  const wrong = probabilities.findIndex((probability, k) => Math.abs(probability - expected.probabilities[k]!) > tolerance)
  if (label === expected.label && wrong < 0) return undefined
  const k = Math.max(wrong, 0)
  return `the model answers ${quote(label)} with ${probabilities[k]} for ${quote(labels[k])} ` +
    `where ${signatureFile} has ${quote(expected.label)} with ${expected.probabilities[k]}`
}

function run (classifier: Classifier, rows: readonly (readonly number[])[]) {
  try {
    return classifier.classify(rows)
  } catch (error) {
    const [sentence] = (error as Error).message.split('\n', 1)
    throw new ModelError(`${manifestFile}: the model cannot be run on its golden examples: ${sentence}`, { cause: error })
  }
}

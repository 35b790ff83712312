import { quote } from '../quote.ts'
import type { Signature } from '../schemas/signature.ts'

/**
 * Sentences on what contradicts itself in a signature that fits its schema, each with the path of the field.
 * @param folderNumber the version folder's number, when it has one
 */
export function * contradictions (signature: Signature, folderNumber?: string): Generator<string> {
  const { version, inputs, labels, predict } = signature
  if (folderNumber !== undefined && version !== folderNumber) {
    yield `version must be the folder's number ${quote(folderNumber)}; got ${quote(version)}`
  }
  // A body without the field would still "have" it: every object inherits these.
  for (const [key, name] of Object.entries(predict)) {
    if (name in Object.prototype) yield `predict.${key} must not be ${quote(name)}, which every object has`
  }
  for (const [i, { name, minimum, maximum }] of inputs.entries()) {
    if (inputs.findIndex((other) => other.name === name) < i) yield `inputs[${i}].name ${quote(name)} is used twice`
    if (minimum > maximum) yield `inputs[${i}].minimum must be at most its maximum ${maximum}; got ${minimum}`
  }
  yield * goldenContradictions(signature)
  yield * trainingContradictions(signature)
  yield * classContradictions(signature.training.classes.map(({ label }) => label), labels)
}

function * goldenContradictions ({ golden, inputs, labels }: Signature): Generator<string> {
  for (const [i, { input, label, probabilities }] of golden.entries()) {
    const at = `golden[${i}]`
    yield * wrongLength(`${at}.input`, input, inputs.length)
    yield * wrongLength(`${at}.probabilities`, probabilities, labels.length)
    const labelIndex = labels.indexOf(label)
    if (labelIndex < 0) yield `${at}.label must be one of the labels; got ${quote(label)}`
    const sum = probabilities.reduce((total, probability) => total + probability, 0)
    if (Math.abs(sum - 1) > 1e-3) yield `${at}.probabilities must sum to 1; got ${sum}`
    if (probabilities.some((probability) => probability < 0)) yield `${at}.probabilities must not be negative`
    if (probabilities[labelIndex] !== Math.max(...probabilities)) yield `${at}.label must be the most probable label; got ${quote(label)}`
  }
}

function * trainingContradictions ({ training, inputs, labels }: Signature): Generator<string> {
  const { rows, mean, standardDeviation, classes, precision } = training
  yield * wrongLength('training.mean', mean, inputs.length)
  yield * wrongLength('training.standardDeviation', standardDeviation, inputs.length)
  yield * wrongLength('training.classes', classes, labels.length)
  for (const [i, { mean }] of classes.entries()) yield * wrongLength(`training.classes[${i}].mean`, mean, inputs.length)
  const classRows = classes.reduce((total, { rows }) => total + rows, 0)
  if (classRows !== rows) yield `training.rows must be the sum of its classes' rows ${classRows}; got ${rows}`
  yield * wrongLength('training.precision', precision, inputs.length)
  for (const [i, row] of precision.entries()) yield * wrongLength(`training.precision[${i}]`, row, inputs.length)
}

function * classContradictions (given: string[], labels: string[]): Generator<string> {
  for (const [i, label] of given.entries()) {
    if (label !== labels[i]) yield `training.classes[${i}].label must be ${quote(labels[i])}; got ${quote(label)}`
  }
}

function * wrongLength (path: string, list: readonly unknown[], length: number): Generator<string> {
  if (list.length !== length) yield `${path} must have ${length} entries; got ${list.length}`
}

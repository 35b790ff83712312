import { type GraphModel, loadGraphModel } from '@tensorflow/tfjs-converter'
import { engine, type io, Tensor, type Tensor2D, tensor2d, tidy } from '@tensorflow/tfjs-core'
import { type LayersModel, loadLayersModel } from '@tensorflow/tfjs-layers'
import { ModelError } from '../errors.ts'
import type { Signature } from '../schemas/signature.ts'
import { type Artifact, manifestFile } from './artifact.ts'
import { beforeSoftmax } from './before-softmax.ts'
import { chainOf } from './chain.ts'
import { signatureFile } from './signature.ts'

/** A loaded model as one function: a batch of rows in, a batch of scores out, in one execution. */
export interface Network {
  /** `logits` when the model's last softmax was taken off, `probabilities` otherwise. */
  readonly scores: 'logits' | 'probabilities'
  /**
   * @param rows row after row, each in the signature's input order
   * @returns as many rows of scores, in label order
   */
  run (rows: Float32Array, count: number): Float32Array
  /** Frees the weights. */
  dispose (): void
}

/**
 * Builds the network of an artifact, on the backend that is set.
 * @throws ModelError when tfjs does not take it, or it does not fit the signature; none of its tensors is left then
 */
export async function buildNetwork ({ format, artifacts }: Artifact, signature: Signature): Promise<Network> {
  try {
    return format === 'layers-model'
      ? fromLayers(await wholeOrNothing(artifacts, loadLayersModel), signature)
      : fromGraph(await wholeOrNothing(artifacts, loadGraphModel), signature)
  } catch (error) {
    if (error instanceof ModelError) throw error
    throw new ModelError(`${manifestFile}: ${firstLine(error)}`, { cause: error })
  }
}

/**
 * tfjs drops what it has made when it fails halfway, tensors and all. Between its asking for the artifacts and its end it
 * yields to nothing that makes tensors, so those made meanwhile are this model's.
 */
async function wholeOrNothing<T> (artifacts: io.ModelArtifacts, load: (source: io.IOHandler) => Promise<T>): Promise<T> {
  const tensors = engine()
  const others = new Set(Object.keys(tensors.registeredVariables))
  const source = {
    load: async () => {
      tensors.startScope()
      return artifacts
    }
  }
  try {
    const model = await load(source)
    tensors.endScope([...tensors.state.activeScope.track])
    return model
  } catch (error) {
    tensors.endScope()
    for (const [name, variable] of Object.entries(tensors.registeredVariables)) if (!others.has(name)) variable.dispose()
    throw error
  }
}

function fromLayers (model: LayersModel, signature: Signature): Network {
  disposeUnlessRight(model, [
    ...shapeMistakes('inputs', 'takes', model.inputs, signature.inputs.length),
    ...shapeMistakes('labels', 'gives', model.outputs, signature.labels.length)
  ])
  const bare = beforeSoftmax(model)
  const served = bare ?? model
  return {
    scores: bare === undefined ? 'probabilities' : 'logits',
    run: runner(chainOf(served) ?? ((batch) => served.apply(batch)), signature),
    // By weight, not by model: the two share layers, and a layer may be disposed once only.
    dispose: () => { for (const weight of new Set([...served.weights, ...model.weights])) weight.dispose() }
  }
}

function fromGraph (model: GraphModel, signature: Signature): Network {
  disposeUnlessRight(model, shapeMistakes('inputs', 'takes', model.inputs, signature.inputs.length))
  return {
    scores: 'probabilities',
    run: runner((batch) => model.execute(batch), signature),
    dispose: () => { model.dispose() }
  }
}

function disposeUnlessRight (model: { dispose(): unknown }, mistakes: string[]): void {
  if (mistakes.length === 0) return
  model.dispose()
  throw new ModelError(mistakes.map((mistake) => `${manifestFile}: ${mistake}`))
}

type Ends = readonly { readonly shape?: readonly (number | null)[], readonly dtype: string }[]

function shapeMistakes (field: 'inputs' | 'labels', verb: string, ends: Ends | undefined, length: number): string[] {
  const [end] = ends ?? []
  if (end === undefined || ends!.length !== 1) return [`the model must have one tensor of ${field}; got ${ends?.length ?? 0}`]
  if (end.dtype !== 'float32') return [`the model's ${field} must be float32; got ${end.dtype}`]
  const { shape } = end
  // A graph need not tell its shape; the run on the golden examples does.
  if (shape === undefined || (shape.length === 2 && (shape[1] === length || shape[1] === -1))) return []
  return [`the model ${verb} [${shape.map((n) => n ?? 'rows').join(', ')}] where ${signatureFile} has ${length} ${field}`]
}

/** What `apply` and `execute` may return. */
type Output = ReturnType<LayersModel['apply']> | ReturnType<GraphModel['execute']>

function runner (execute: (batch: Tensor2D) => Output, { inputs, labels }: Signature): Network['run'] {
  // tidy() looks for tensors in what it is given back, number by number: the scores leave by another way.
  let scores: Float32Array
  const execution = (rows: Float32Array, count: number) => {
    const output = execute(tensor2d(rows, [count, inputs.length]))
    const shape = output instanceof Tensor ? output.shape : []
    if (!(output instanceof Tensor) || shape.length !== 2 || shape[0] !== count || shape[1] !== labels.length) {
      throw new Error(`the model must give one score a label (${labels.length}) for each row`)
    }
    scores = output.dataSync<'float32'>()
  }
  return (rows, count) => {
    tidy(() => { execution(rows, count) })
    return scores
  }
}

function firstLine (error: unknown): string {
  return String(error instanceof Error ? error.message : error).split('\n', 1)[0]!
}

import { memory } from '@tensorflow/tfjs-core'
import { Registry } from 'prom-client'
import type { Refusals } from '../model/refusals.ts'
import type { ModelsInService } from '../serving.ts'
import { droppedLines } from './log-destination.ts'
import type { PredictorCounts } from './metrics/counts.ts'
import { Exposition, type Reading } from './metrics/exposition.ts'
import type { InferenceCounts, ModelCounts } from './metrics/inference.ts'
import { exposeRequests } from './metrics/requests.ts'
import { exposeRuntime } from './metrics/runtime.ts'

/** What serves and what does not. */
interface Served { readonly models: ModelsInService, readonly refusals: Refusals }

/** The predictor's metrics for Prometheus, read when somebody asks for them. */
export function createMetrics (counts: PredictorCounts, served: Served): Registry {
  const registry = new Registry()
  const exposition = new Exposition(registry)
  exposeRequests(exposition, { http: counts.requests })
  exposition.counter({
    name: 'predictor_refused_requests_total',
    help: 'Requests, items of exchanges and lines of batches answered with an error, by the code that clients are told.',
    labels: ['error_type']
  }, () => [...counts.refused].map(([code, count]) => [{ error_type: code }, count] as const))
  exposeInference(exposition, counts.inference)
  exposeModel(exposition, counts.inference, served)
  exposition.counter({ name: 'predictor_log_lines_dropped_total', help: 'Log lines that nobody read in time.' }, droppedLines)
  exposeRuntime(exposition)
  return registry
}

function exposeInference (exposition: Exposition, counts: InferenceCounts): void {
  exposition.histogram({ name: 'predictor_inference_duration_seconds', help: 'Time of an execution of the model.' },
    () => [[{}, counts.durations]])
  exposition.histogram({ name: 'predictor_batch_rows', help: 'Rows in one execution of the model.' }, () => [[{}, counts.rows]])
  exposition.gauge({ name: 'predictor_queue_rows', help: 'Rows that wait for an execution.' }, () => counts.waiting())
  exposition.counter({ name: 'predictor_inference_failures_total', help: 'Executions that the model threw in.' }, () => counts.failures)
  exposition.counter({ name: 'predictor_overflows_total', help: 'Rows on which the model’s 32-bit arithmetic overflowed.' },
    () => counts.overflows)
  exposition.gauge({ name: 'predictor_tensors', help: 'Tensors that the model’s library holds; it must not grow.' }, () => memory().numTensors)
}

function exposeModel (exposition: Exposition, counts: InferenceCounts, served: Served): void {
  const model = ['model_name', 'model_version']
  const ofEach = function * <T> (read: (counts: ModelCounts) => Iterable<Reading<T>>): Generator<Reading<T>> {
    for (const own of counts.models.values()) {
      for (const [labels, value] of read(own)) yield [{ model_name: own.name, model_version: own.version, ...labels }, value]
    }
  }
  exposition.gauge({ name: 'predictor_model_info', help: 'The model that serves, and what computes it.', labels: [...model, 'backend'] }, () => {
    const { signature: { name, version }, backend } = served.models.current.model
    return [[{ model_name: name, model_version: version, backend }, 1]]
  })
  exposition.counter({ name: 'predictor_model_swaps_total', help: 'Times that another model was taken into service.' }, () => counts.swaps)
  exposition.counter({ name: 'predictor_model_refusals_total', help: 'Versions of the model that were to serve and failed a check.' },
    () => served.refusals.total)
  exposition.counter({ name: 'predictor_predictions_total', help: 'Predictions, by label.', labels: [...model, 'label'] }, () =>
    ofEach(({ predictions }) => [...predictions].map(([label, count]) => [{ label }, count] as const)))
  exposition.counter({
    name: 'predictor_out_of_distribution_total',
    help: 'Predictions on rows farther from the training data than any of its own rows.',
    labels: model
  }, () => ofEach(({ outOfDistribution }) => [[{}, outOfDistribution]]))
}

import type { Classifier } from '../../inference/classifier.ts'
import { outOfDistribution } from '../../inference/out-of-distribution.ts'
import type { Signature } from '../../schemas/signature.ts'
import { Distribution } from './distribution.ts'
import { Tally } from './tally.ts'

/** Seconds: an execution of a small model takes a tenth of a millisecond, one of a large batch on a large model a second. */
const durationBounds = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5]
const rowBounds = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024]

/** The executions of the model and what came out of them. */
export class InferenceCounts {
  readonly durations = new Distribution(durationBounds)
  readonly rows = new Distribution(rowBounds)
  /** Of each version that served, the one that began last at the end. */
  readonly models = new Map<string, ModelCounts>()
  /** Rows on which the model's 32-bit arithmetic overflowed. */
  overflows = 0
  /** Executions that the model threw in. */
  failures = 0
  /** Rows that wait for an execution. */
  waiting: () => number = () => 0
  /** Times that another model was taken into service. */
  swaps = 0

  /** The counts of a version; they go on where they were when it served before. */
  of ({ name, version, labels }: Signature): ModelCounts {
    const key = JSON.stringify([name, version])
    const counts = this.models.get(key) ?? { name, version, predictions: new Tally(), outOfDistribution: 0 }
    counts.predictions.expect(labels)
    this.models.delete(key)
    this.models.set(key, counts)
    const [oldest] = this.models.keys()
    if (this.models.size > versionsTold) this.models.delete(oldest!)
    return counts
  }
}

/** What came out of the executions of one version. */
export interface ModelCounts {
  readonly name: string
  readonly version: string
  /** By label. */
  readonly predictions: Tally
  outOfDistribution: number
}

/** Versions that a scrape tells of: the one that serves, and those before it, whose last predictions nobody has read yet. */
const versionsTold = 4

/** The same classifier, counted. */
export function counted (classifier: Classifier, signature: Signature, counts: InferenceCounts): Classifier {
  const isOutside = outOfDistribution(signature.training)
  const own = counts.of(signature)
  return {
    classify: (rows) => {
      const start = performance.now()
      counts.rows.observe(rows.length)
      try {
        const answers = classifier.classify(rows)
        // Plain, since it is paid for by every row.
        for (let i = 0; i < answers.length; i++) {
          const answer = answers[i]
          if (answer === undefined) {
            counts.overflows++
          } else {
            own.predictions.add(answer.label)
            if (isOutside(rows[i]!, answer.label)) own.outOfDistribution++
          }
        }
        return answers
      } catch (error) {
        counts.failures++
        throw error
      } finally {
        counts.durations.observe((performance.now() - start) / 1000)
      }
    }
  }
}

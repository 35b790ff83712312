import { errorCodes } from '../../errors.ts'
import { InferenceCounts } from './inference.ts'
import { RequestCounts } from './requests.ts'
import { Tally } from './tally.ts'

/** What the serving port and the model count as they work. */
export class PredictorCounts {
  readonly requests = new RequestCounts()
  /** Requests, items of exchanges and lines of batches that were answered with an error, by the error's code. */
  readonly refused = new Tally(errorCodes)
  readonly inference = new InferenceCounts()
}

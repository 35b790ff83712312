import { setImmediate as nextTurn } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import { InvalidJsonError, TooManyRowsError } from '../errors.ts'
import { answerItemError } from '../http/error-answers.ts'
import type { ItemAnswer } from '../http/exchange.ts'
import { parseJson } from '../http/json-body.ts'
import type { Prediction } from '../inference/predictions.ts'
import type { ModelsInService } from '../serving.ts'

const linesType = 'application/x-ndjson'

/** `sliceMax`: lines answered at a stretch; `rowsMax`: lines in one request. */
export interface LinesOptions { readonly models: ModelsInService, readonly sliceMax: number, readonly rowsMax: number }

/**
 * `POST /predict` with NDJSON: a body a line, each answered as it would be alone, in a line `{"status":…,"body":…}`. An empty
 * line is answered too (400), so that the nth answer belongs to the nth line. One model answers all of them.
 */
export async function predictLinesRoute (app: FastifyInstance, { models, sliceMax, rowsMax }: LinesOptions): Promise<void> {
  app.addContentTypeParser(linesType, { parseAs: 'string' }, (_request, text, done) => { done(null, text) })
  app.post<{ Body: string }>('/predict', { constraints: { mediaType: linesType } }, async (request, reply) => {
    const lines = split(request.body, rowsMax)
    const codes: (string | undefined)[] = []
    request.parts = { codes }
    const toLine = (prediction: Prediction) => {
      const { status, body, code }: ItemAnswer = 'error' in prediction
        ? answerItemError(prediction.error, app.log, { requestId: request.id })
        : { status: 200, body: prediction.body }
      codes.push(code)
      return `{"status":${status},"body":${body}}\n`
    }
    const { current } = models
    const letGo = current.hold()
    let answer = ''
    try {
      for (let from = 0; from < lines.length; from += sliceMax) {
        // Between slices other requests have their turn, also when no line of a slice was worth an execution.
        if (from > 0) await nextTurn()
        if (reply.raw.destroyed) return reply.hijack()
        const bodies = lines.slice(from, from + sliceMax).map(parseJson)
        for (const prediction of await current.predict(bodies, from > 0 ? 'more' : 'bulk', request.watch)) answer += toLine(prediction)
      }
    } finally {
      letGo()
    }
    reply.header('content-type', linesType)
    // Bytes, because Fastify adds a charset to strings of a JSON type; this type has none.
    return Buffer.from(answer)
  })
}

/** Lines end with LF or CRLF, the last one with either or nothing. */
function split (text: string, rowsMax: number): string[] {
  if (text.length === 0) throw new InvalidJsonError('the body must hold a JSON object a line; got nothing')
  // No more than tells that there are too many.
  const lines = text.split('\n', rowsMax + 2)
  if (lines.at(-1) === '') lines.pop()
  if (lines.length > rowsMax) throw new TooManyRowsError(rowsMax)
  return lines.map((line) => line.endsWith('\r') ? line.slice(0, -1) : line)
}

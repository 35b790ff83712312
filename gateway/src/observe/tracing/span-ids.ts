import { RandomIdGenerator } from '@opentelemetry/sdk-trace'
import type { IdGenerator } from '@opentelemetry/sdk-trace'

/** Ids for the SDK. A request's trace and its call's span were named when the request came: the upstream has been told. */
export class SpanIds implements IdGenerator {
  readonly #random = new RandomIdGenerator()
  #traceId: string | undefined
  #spanId: string | undefined

  /** Gives the next span this trace, if it has no parent, and this id, if there is one. */
  next ({ traceId, spanId }: { traceId: string, spanId?: string }): void {
    this.#traceId = traceId
    this.#spanId = spanId
  }

  generateTraceId = (): string => this.#traceId ?? this.#random.generateTraceId()

  generateSpanId = (): string => {
    const spanId = this.#spanId ?? this.#random.generateSpanId()
    this.#spanId = undefined
    return spanId
  }
}

import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'

/** What is known already of a request that goes from the fast path to the usual one: it has been counted and its body read. */
export interface Handover {
  id: string
  body: Buffer
}

const handover = Symbol('handover')
type Handed = IncomingMessage & { [handover]?: Handover }

export function handOver (request: IncomingMessage, what: Handover): void {
  (request as Handed)[handover] = what
}

export function handedOver (request: object): Handover | undefined {
  return (request as Handed)[handover]
}

/** The body once more, as it would have arrived. */
export function bodyAgain ({ body }: Handover): Readable {
  return Object.assign(Readable.from([body]), { receivedEncodedLength: body.length })
}

import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { Decision } from '../limits/gcra.ts'
import type { Seen } from '../observe/access-line.ts'

/** What is known already of a request that goes from the fast path to the usual one: it has been counted. */
export interface Handover {
  id: string
  seen: Seen
  /** What its client has left of its allowance; none where requests are not limited. */
  decision: Decision | undefined
}

const handover = Symbol('handover')
type Handed<T> = T & { [handover]?: Handover | undefined }

/** Of the next request that is read on a connection. */
export function handOver (socket: Socket, what: Handover): void {
  (socket as Handed<Socket>)[handover] = what
}

/** From the connection to the first request that comes on it. */
export function takeOver (request: IncomingMessage): void {
  const socket = request.socket as Handed<Socket>
  const what = socket[handover]
  if (what === undefined) return
  socket[handover] = undefined;
  (request as Handed<IncomingMessage>)[handover] = what
}

export function handedOver (request: object): Handover | undefined {
  return (request as Handed<object>)[handover]
}

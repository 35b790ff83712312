import { randomUUID } from 'node:crypto'

const validRequestId = /^[A-Za-z0-9._-]{1,128}$/

/** A valid incoming id is kept, so that one id follows a request through both services; anything else gets a new one. */
export function keepRequestId (incoming: unknown): string {
  return typeof incoming === 'string' && validRequestId.test(incoming) ? incoming : randomUUID()
}

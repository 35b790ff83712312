import { BadRequestError } from '../errors.ts'
import { keepRequestId } from './request-id.ts'

export const exchangeType = 'application/x-exchange'

/** Bytes of one item's body; callers send larger requests by themselves. */
export const itemLimit = 16_384
/** Bytes of an exchange: 256 of the largest items, with 2 KiB told of each in the first line. */
export const exchangeLimit = 256 * (itemLimit + 2048)

/** One request of an exchange; `body` is a window into the exchange's bytes. */
export interface ExchangeItem {
  readonly body: Buffer
  /** What its answer and the log call it. */
  readonly requestId: string
  /** W3C Trace Context of the request, for the log and its spans. */
  readonly traceparent: string | undefined
  readonly tracestate: string | undefined
}

/** What one item is answered with; `body` is JSON text, `code` the error's where it is one. */
export interface ItemAnswer { readonly status: number, readonly body: string, readonly code?: string }

/** A path that takes exchanges beside plain requests. */
export interface ExchangeOptions {
  readonly url: string
  readonly itemsMax: number
  /** @returns an answer an item, in order: the one that the item's body would get as a plain request */
  answer (items: readonly ExchangeItem[]): Promise<ItemAnswer[]>
}

const lineFeed = 10

/**
 * Takes an exchange apart: line 1, ended by LF, is a JSON array with an object an item, whose `length` is that of its
 * body in bytes; then the bodies, one after the other. They are framed by nothing else, so no body can shift another's place.
 * @throws BadRequestError unless it is exactly that: then none of it can be trusted
 */
export function readExchange (bytes: Buffer, itemsMax: number): ExchangeItem[] {
  const lineEnd = bytes.indexOf(lineFeed)
  if (lineEnd < 0) throw new BadRequestError('the exchange must begin with a line of JSON')
  const told = readLine(bytes.toString('utf8', 0, lineEnd))
  if (!Array.isArray(told)) throw new BadRequestError('the exchange\'s first line must be a JSON array')
  if (told.length > itemsMax) throw new BadRequestError(`the exchange must hold at most ${itemsMax} items; got ${told.length}`)
  let at = lineEnd + 1
  const items = told.map((item: unknown, i) => {
    if (!isTold(item)) throw new BadRequestError(`item ${i} of the exchange must tell its length, at most ${itemLimit} bytes`)
    const { length, id, traceparent, tracestate } = item
    at += length
    const body = bytes.subarray(at - length, at)
    return { body, requestId: keepRequestId(id), traceparent: textOf(traceparent), tracestate: textOf(tracestate) }
  })
  if (at !== bytes.length) throw new BadRequestError('the exchange must be as long as its first line says')
  return items
}

/** The answer: line 1 an array of `[status, length]` in the items' order, then the bodies. */
export function writeExchange (answers: readonly ItemAnswer[]): string {
  const line = answers.map(({ status, body }) => `[${status},${Buffer.byteLength(body)}]`).join(',')
  return `[${line}]\n${answers.map(({ body }) => body).join('')}`
}

function readLine (line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    throw new BadRequestError('the exchange must begin with a line of JSON')
  }
}

/** An object of its own: lists and strings have a length too. */
function isTold (item: unknown): item is { length: number, id?: unknown, traceparent?: unknown, tracestate?: unknown } {
  if (typeof item !== 'object' || item === null || Array.isArray(item)) return false
  const { length } = item as { length?: unknown }
  return Number.isInteger(length) && (length as number) >= 0 && (length as number) <= itemLimit
}

function textOf (value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

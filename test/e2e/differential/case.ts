import type { AnswerBytes, Reached } from './recording-upstream.ts'

/** Bytes to send, and what is made of them on both sides: outcomes as `outcome()` writes them. */
export interface RawCase {
  name: string
  /** latin1: one character a byte. {@link next} follows them on the same connection. */
  bytes: string
  gateway: string
  nginx: string
  /**
   * - `agree`: both do the same; how they say no is their own matter.
   * - `differ`: they do not, and the gateway passes on no more than Nginx does.
   * - `harmless`: the gateway passes on what Nginx refuses, and it has but one meaning.
   */
  kind: 'agree' | 'differ' | 'harmless'
  /** Why they do not agree, in one sentence. */
  why?: string
  /** Headers that the outcome tells of requests (as they reach the upstream) and of answers (as they reach the client). */
  show?: string[]
  /** What the upstream answers, when that is what the case is about. */
  answer?: AnswerBytes
}

type Told = Pick<RawCase, 'show' | 'answer'>

/** Both do the same. */
export function agree (name: string, bytes: string, gateway: string, nginx = gateway, told: Told = {}): RawCase {
  return { kind: 'agree', name, bytes, gateway, nginx, ...told }
}

/** For each of the names and bytes: both refuse it, and neither goes on with the connection. */
export function bothRefuse (cases: Record<string, string>, nginx = '400 closed'): RawCase[] {
  return Object.entries(cases).map(([name, bytes]) => agree(name, bytes, '400 closed', nginx))
}

type Outcomes = Pick<RawCase, 'gateway' | 'nginx'> & { why: string } & Told

/** They do not; the gateway passes on less, or something safer. */
export function differ (name: string, bytes: string, outcomes: Outcomes): RawCase {
  return { kind: 'differ', name, bytes, ...outcomes }
}

/** The gateway passes on what Nginx refuses. */
export function harmless (name: string, bytes: string, outcomes: Outcomes): RawCase {
  return { kind: 'harmless', name, bytes, ...outcomes }
}

/**
 * An honest request that follows every case's bytes. Where the first request ended, for the edge, shows in what becomes of
 * this one; and it ends the connection.
 */
export const next = head('GET /next HTTP/1.1', 'Host: next.example', 'X-Part: next', 'Connection: close')

/** Whether this is {@link next}, as it was meant to reach the upstream. */
export const isNext = ({ method, target }: Reached) => method === 'GET' && target === '/next'

/** Lines, and the empty one after them. */
export function head (...lines: string[]): string {
  return [...lines, '', ''].join('\r\n')
}

export const get = (target = '/x', ...headers: string[]) => head(`GET ${target} HTTP/1.1`, 'Host: a', ...headers)

/** A POST to /x; its body's length is for the headers to tell. */
export const post = (body: string, ...headers: string[]) => head('POST /x HTTP/1.1', 'Host: a', ...headers) + body

/** A request that must never come out of another one's body. */
export const smuggled = head('GET /smuggled HTTP/1.1', 'Host: a')

export const chunked = 'Transfer-Encoding: chunked'

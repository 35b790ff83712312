import { wrk } from '../tools.ts'
import { loadWithAutocannon } from './autocannon.ts'
import { loadWithWrk } from './wrk.ts'
import type { Payload } from '../payload.ts'
import type { BenchScope } from '../scope.ts'

export interface Load {
  /** Who is loaded, for messages. */
  label: string
  /** Where to: https, or http for the predictor itself. */
  url: string
  payload: Payload
  connections: number
  seconds: number
}

/** What a generator counted. */
export interface Counted {
  /** Answers that came back. */
  requests: number
  seconds: number
  /** Of them, those that were not what they should be. */
  wrong: number
  /** Connections that failed, and requests without an answer. */
  failed: number
}

/** Answers looked at since the bench started, all of them right: a wrong one ends it. */
export const checked = { answers: 0 }

/** As many requests as go through, over kept-alive connections, each answer checked. @throws Error at a wrong answer */
export async function load (scope: BenchScope, what: Load): Promise<Counted> {
  const counted = wrk === undefined ? await loadWithAutocannon(scope, what) : await loadWithWrk(scope, wrk, what)
  return check(what, counted)
}

/** @throws Error when there was no answer at all, or a wrong one, or a failed request */
export function check <T extends Pick<Counted, 'requests' | 'wrong' | 'failed'>> ({ label, url }: Pick<Load, 'label' | 'url'>, counted: T): T {
  const { requests, wrong, failed } = counted
  if (requests === 0 || wrong > 0 || failed > 0) {
    throw new Error(`${label} (${url}): ${wrong} of ${requests} answers were wrong, ${failed} requests failed`)
  }
  checked.answers += requests
  return counted
}

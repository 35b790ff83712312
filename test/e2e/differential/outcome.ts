import type { Answer } from './answers.ts'
import { isNext } from './case.ts'
import type { RawCase } from './case.ts'
import type { Seen } from './exchange.ts'
import type { Reached } from './recording-upstream.ts'
import { values } from './strict-request.ts'

/** Which of the upstream's requests an answer is the answer to; none: the edge's own. */
export const serialOf = ({ headers }: Answer) => values(headers, 'x-upstream')[0]

/**
 * What became of a case's bytes, in words: each answer's status with the request that reached the upstream for it (method,
 * target, Host if it is not `a`, body if there is one); `closed` when the connection did not go on to the next request.
 *
 *     400 closed                                 refused, nothing reached the upstream
 *     200 POST /x "hi"                           passed on, and the connection went on
 *     200 GET /x [x-forwarded-for: 127.0.0.1]    with the headers that the case is about
 */
export function outcome ({ answers, stray, requests, violations }: Seen, { show = [], answer: scripted }: Pick<RawCase, 'show' | 'answer'>): string {
  const nextSerial = requests.find(isNext)?.serial
  const own = answers.filter((answer) => serialOf(answer) === undefined || serialOf(answer) !== nextSerial)
  const told = own.map((answer) => {
    const reached = requests.find(({ serial }) => serial === serialOf(answer))
    const fromUpstream = reached !== undefined && scripted !== undefined
    return [
      answer.status,
      ...(reached === undefined ? [] : [inWords(reached, show)]),
      ...(fromUpstream ? [`→ ${JSON.stringify(answer.body)}`] : []),
      ...(reached === undefined ? [] : shown(answer.headers, show))
    ].join(' ')
  })
  const answered = new Set(answers.map(serialOf))
  for (const request of requests) {
    if (!isNext(request) && !answered.has(request.serial)) told.push(`unanswered ${inWords(request, show)}`)
  }
  if (violations.length > 0) told.push('not strict HTTP upstream')
  if (stray !== '') told.push('bytes without a status')
  return [told.join(', '), ...(own.length === answers.length ? ['closed'] : [])].filter((part) => part !== '').join(' ')
}

function inWords ({ method, target, headers, framing, body }: Reached, show: string[]): string {
  const [host = '(none)'] = values(headers, 'host')
  return [
    method, shortened(target),
    ...(host === 'a' ? [] : [`Host ${shortened(host)}`]),
    ...(framing === 'chunked' ? ['chunked'] : []),
    ...(body === '' ? [] : [JSON.stringify(body)]),
    ...shown(headers, show)
  ].join(' ')
}

const shortened = (text: string) => text.length > 100 ? `${text.slice(0, 2)}… (${text.length} bytes)` : text

function shown (headers: [string, string][], show: string[]): string[] {
  const found = show.flatMap((name) => values(headers, name).map((value) => `${name}: ${value}`))
  return found.length === 0 ? [] : [`[${found.join('; ')}]`]
}

/**
 * Whether an outcome is the expected one. After a refusal, whether the connection goes on is asked only where the
 * expectation says `closed`: then what follows can't be trusted to start where it seems to.
 */
export function isExpected (actual: string, expected: string): boolean {
  return actual === expected || (actual === `${expected} closed` && isRefusal(lastPart(expected)))
}

/** Whether two outcomes are the same but for how no is said: another status of refusal, a closed connection. */
export function areAlike (one: string, other: string): boolean {
  const meaning = (text: string) => text.replace(/ ?closed$/, '').split(', ').map((part) => isRefusal(part) ? 'refused' : part).join()
  return meaning(one) === meaning(other)
}

const lastPart = (text: string) => text.split(', ').at(-1)!
const isRefusal = (part: string) => part === '' || /^[45]\d\d$/.test(part)

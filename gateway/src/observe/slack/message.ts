import type { Severity } from '../../alerts.ts'
import type { Due } from './groups.ts'

const signs: Record<Severity, string> = {
  fatal: ':fire:', error: ':rotating_light:', warning: ':warning:', recovery: ':white_check_mark:'
}

/**
 * What Slack shows: a paragraph for each matter.
 * @param host where the gateway runs
 * @param dropped alerts that could not be told
 */
export function messageOf (due: Due[], host: string, dropped: number): string {
  const paragraphs = due.map(paragraph)
  if (dropped > 0) {
    paragraphs.push(`:warning: ${many(dropped, 'alert')} could not be told: too many different ones at once, or Slack did not take them`)
  }
  return `${paragraphs.join('\n')}\non ${literal(host)}`
}

function paragraph ({ news, inAll }: Due): string {
  const { severity, service, what, code, detail, requestIds } = news
  return [
    `${signs[severity]} *${service}* ${literal(what)}`,
    [code === undefined ? undefined : `code ${literal(code)}`, occurrences(news, inAll)].filter(Boolean).join(', '),
    detail === undefined ? undefined : literal(detail),
    requestIds.length === 0 ? undefined : `requests ${requestIds.map(literal).join(', ')}${inAll > requestIds.length ? ', …' : ''}`
  ].filter(Boolean).join('\n')
}

function occurrences ({ count, first, last }: Due['news'], inAll: number): string {
  const times = inAll === count ? many(count, 'time') : `${number(count)} more (${number(inAll)} in all)`
  return first === last ? `${times}, at ${time(first)}` : `${times}, first ${time(first)}, last ${time(last)}`
}

function many (count: number, what: string): string {
  return `${number(count)} ${what}${count === 1 ? '' : 's'}`
}

const number = (count: number): string => count.toLocaleString('en')

const time = (milliseconds: number): string => new Date(milliseconds).toISOString()

/**
 * Text that may hold anything, as Slack shows it and does nothing with it. `&`, `<` and `>` are what mentions and links are
 * made of, and are escaped as Slack asks; within a code span it links no address, no `@name` and no `:sign:`; and the span
 * cannot be ended from inside. Control characters, and those that turn the direction of writing, become blanks.
 */
export function literal (text: string): string {
  const harmless = text
    .replace(/[\p{C}\p{Zl}\p{Zp}]+/gu, ' ')
    .replaceAll('`', 'ˋ')
    .replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
    .trim()
  return `\`${harmless || '-'}\``
}

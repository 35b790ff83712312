import { validateHeaderName, validateHeaderValue } from 'node:http'

/** Whether a setting says where a collector takes OTLP over HTTP, without the `/v1/traces` that comes behind it. */
export function isCollector (text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, search, hash } = new URL(text)
  return /^https?:$/.test(protocol) && search === '' && hash === ''
}

/**
 * Headers of every export, as the OpenTelemetry exporter specification writes them: percent-encoded, like W3C Baggage.
 * @returns undefined where the text is not that
 */
export function readHeaders (text: string): Record<string, string> | undefined {
  if (text === '') return {}
  try {
    return Object.fromEntries(text.split(',').map((pair) => {
      const [, name = '', value = ''] = (/^([^=]*)=(.*)$/.exec(pair) ?? []).map((part) => decodeURIComponent(part.trim()))
      validateHeaderName(name)
      validateHeaderValue(name, value)
      return [name, value]
    }))
  } catch {
    return undefined
  }
}

import { validateHeaderName, validateHeaderValue } from 'node:http'
import type { Kind } from './kinds.ts'

/** Where a collector takes OTLP over HTTP, without the `/v1/traces` that comes behind it. It may hold a password. */
export const endpoint: Kind<string> = {
  takes: 'an address such as http://collector:4318',
  parse: (value) => {
    if (!URL.canParse(value)) return undefined
    const { protocol, search, hash } = new URL(value)
    return /^https?:$/.test(protocol) && search === '' && hash === '' ? value : undefined
  }
}

/** Headers of every export, as the OpenTelemetry exporter specification writes them: percent-encoded, like W3C Baggage. */
export const headers: Kind<Record<string, string>> = {
  takes: 'headers such as authorization=Bearer%20abc,x-tenant=1',
  parse: (value) => {
    try {
      return Object.fromEntries(value.split(',').map((pair) => {
        const [, name = '', text = ''] = (/^([^=]*)=(.*)$/.exec(pair) ?? []).map((part) => decodeURIComponent(part.trim()))
        validateHeaderName(name)
        validateHeaderValue(name, text)
        return [name, text]
      }))
    } catch {
      return undefined
    }
  }
}

export const ratio: Kind<number> = {
  takes: 'a number from 0 to 1, such as 0.1',
  parse: (value) => /^(0(\.\d+)?|1(\.0+)?)$/.test(value) ? Number(value) : undefined
}

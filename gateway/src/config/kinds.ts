import { isIP, BlockList } from 'node:net'
import { redisAddress } from '../limits/redis-address.ts'

/** What a setting may be: `takes` says it to a person, `parse` gives the value, or `undefined` when the text is not one. */
export interface Kind<T> {
  takes: string
  parse: (text: string) => T | undefined
}

/** A whole number in decimal digits alone: `0x10`, `1e3`, ` 5` and `+5` are refused, not read in some way. */
export function integer (minimum: number, maximum = Number.MAX_SAFE_INTEGER, unit = ''): Kind<number> {
  const range = maximum === Number.MAX_SAFE_INTEGER ? `of at least ${minimum}` : `from ${minimum} to ${maximum}`
  return {
    takes: `a whole number ${range}${unit}`,
    parse: (text) => {
      const value = Number(text)
      return /^\d+$/.test(text) && value >= minimum && value <= maximum ? value : undefined
    }
  }
}

// setTimeout takes no more than a 32-bit signed number of milliseconds; past it, it fires at once.
export const milliseconds = (minimum = 1): Kind<number> => integer(minimum, 2147483647, ' (milliseconds)')

export const decimal: Kind<number> = {
  takes: 'a number of at least 0, such as 50 or 0.5',
  parse: (text) => /^\d+(\.\d+)?$/.test(text) ? Number(text) : undefined
}

export const port: Kind<number> = { ...integer(0, 65535), takes: 'a port number from 0 (any free one) to 65535' }

export const portOrOff: Kind<number | 'off'> = {
  takes: `${port.takes}, or off`,
  parse: (text) => text === 'off' ? text : port.parse(text)
}

export const text: Kind<string> = { takes: 'text', parse: (value) => value }

/** An absolute path of a request target, without query or fragment. */
export const path: Kind<string> = {
  takes: 'a path that starts with /',
  parse: (value) => /^\/[^\s?#]*$/.test(value) ? value : undefined
}

export function oneOf<const T extends string> (...values: T[]): Kind<T> {
  return {
    takes: `one of ${values.join(', ')}`,
    parse: (value) => values.find((candidate) => candidate === value)
  }
}

/** A comma-separated list, each entry of one kind; blanks around the commas do not count. */
export function list<T> (of: Kind<T>): Kind<T[]> {
  return {
    takes: `a comma-separated list, each entry ${of.takes}`,
    parse: (value) => {
      const entries = value.split(',').map((entry) => entry.trim()).filter((entry) => entry !== '').map(of.parse)
      return entries.includes(undefined) ? undefined : entries as T[]
    }
  }
}

/** A host name or address as it stands in a Host header, without port, in lower case. */
export const host: Kind<string> = {
  takes: 'a host name or an IP address without a port',
  parse: (value) => {
    const name = value.toLowerCase()
    if (isIP(name) === 6) return `[${name}]`
    return isIP(name) === 4 || /^(?!-)[a-z0-9-]{1,63}(\.(?!-)[a-z0-9-]{1,63})*\.?$/.test(name) ? name : undefined
  }
}

/** The origin of an HTTP upstream. */
export const origin: Kind<string> = {
  takes: 'an address such as http://predictor:8000, without a path',
  parse: (value) => {
    if (!URL.canParse(value)) return undefined
    const url = new URL(value)
    const bare = url.pathname === '/' && url.search === '' && url.hash === '' && url.username === '' && url.password === ''
    return url.protocol === 'http:' && bare ? url.origin : undefined
  }
}

/** A network in CIDR notation (RFC 4632, RFC 4291 §2.3), or one address. */
export const cidr: Kind<{ address: string, prefix: number, family: 'ipv4' | 'ipv6' }> = {
  takes: 'a network such as 10.0.0.0/8, fd00::/8 or 192.0.2.1',
  parse: (value) => {
    const [address = '', bits, ...rest] = value.split('/')
    const version = isIP(address)
    const widest = version === 6 ? 128 : 32
    const prefix = bits === undefined ? widest : integer(0, widest).parse(bits)
    if (version === 0 || prefix === undefined || rest.length > 0) return undefined
    return { address, prefix, family: version === 6 ? 'ipv6' : 'ipv4' }
  }
}

/** Networks as one set that answers whether an address is in it. */
export const networks: Kind<BlockList> = {
  takes: list(cidr).takes,
  parse: (value) => {
    const entries = list(cidr).parse(value)
    if (entries === undefined) return undefined
    const set = new BlockList()
    for (const { address, prefix, family } of entries) set.addSubnet(address, prefix, family)
    return set
  }
}

export const redisUrl: Kind<string> = {
  takes: 'an address such as redis://redis:6379 or rediss://:password@redis:6380/0',
  parse: (value) => {
    try {
      redisAddress(value)
      return value
    } catch {
      return undefined
    }
  }
}

import { isIPv4, isIPv6 } from 'node:net'

/**
 * The PROXY protocol, versions 1 and 2 (HAProxy, "The PROXY protocol", 2020/03/05): what a TCP load balancer puts before
 * a connection's own bytes to say whose connection it is.
 */

/** The header's length in bytes, and the client it names; none for a connection of the load balancer's own (a health check). */
export interface ProxyHeader {
  length: number
  client: { address: string, port: number } | undefined
}

/** §2.1: no version 1 line is longer, with its CRLF. */
const longestLine = 107
/** §2.2: how every version 2 header starts. */
const signature = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1')
/** Addresses of IPv6 take 36 bytes, local ones 216; the rest is for extensions. A load balancer sends a few hundred at most. */
const longestHeader = 16 + 4096

/**
 * Reads a header from the first bytes of a connection.
 * @returns the header; `undefined` when more bytes are needed
 * @throws when the bytes are no header
 */
export function readProxyHeader (bytes: Buffer): ProxyHeader | undefined {
  const prefix = bytes.subarray(0, signature.length)
  if (prefix.equals(signature.subarray(0, prefix.length))) {
    return bytes.length < 16 ? undefined : readBinary(bytes)
  }
  return readLine(bytes)
}

function readLine (bytes: Buffer): ProxyHeader | undefined {
  const text = bytes.subarray(0, longestLine).toString('latin1')
  const start = text.slice(0, 6)
  if (start !== 'PROXY '.slice(0, start.length)) throw new Error('no PROXY protocol header')
  const end = text.indexOf('\r\n')
  if (end === -1) {
    if (bytes.length >= longestLine) throw new Error('a PROXY protocol line without end')
    return undefined
  }
  const length = end + 2
  const [, family, source = '', destination = '', sourcePort = '', destinationPort = '', ...more] = text.slice(0, end).split(' ')
  if (family === 'UNKNOWN') return { length, client: undefined }
  const isAddress = family === 'TCP4' ? isIPv4 : family === 'TCP6' ? isIPv6 : () => false
  const right = isAddress(source) && isAddress(destination) && isPort(sourcePort) && isPort(destinationPort) && more.length === 0
  if (!right) throw new Error('a PROXY protocol line that is wrong')
  return { length, client: { address: source, port: Number(sourcePort) } }
}

function isPort (text: string): boolean {
  return /^(0|[1-9]\d{0,4})$/.test(text) && Number(text) <= 65535
}

function readBinary (bytes: Buffer): ProxyHeader | undefined {
  const [version, command] = [bytes[12]! >> 4, bytes[12]! & 15]
  const [family, transport] = [bytes[13]! >> 4, bytes[13]! & 15]
  const length = 16 + bytes.readUInt16BE(14)
  if (version !== 2 || command > 1) throw new Error('a PROXY protocol header of an unknown version or command')
  if (length > longestHeader) throw new Error('a PROXY protocol header that is too long')
  if (bytes.length < length) return undefined
  // LOCAL, or a transport that has no address here: the connection stays the sender's own (§2.2).
  if (command === 0 || transport !== 1 || (family !== 1 && family !== 2)) return { length, client: undefined }
  const size = family === 1 ? 4 : 16
  if (length < 16 + 2 * size + 4) throw new Error('a PROXY protocol header without its addresses')
  const address = family === 1 ? [...bytes.subarray(16, 20)].join('.') : groups(bytes.subarray(16, 32))
  return { length, client: { address, port: bytes.readUInt16BE(16 + 2 * size) } }
}

function groups (address: Buffer): string {
  return Array.from({ length: 8 }, (_, index) => address.readUInt16BE(index * 2).toString(16)).join(':')
}

import { once } from 'node:events'
import type { TestContext } from 'node:test'
import { connect } from 'node:tls'
import type { TLSSocket } from 'node:tls'
import { until } from '../helper.ts'
import type { TestGateway } from '../helper.ts'

/** Frames as they stand on the wire (RFC 9113 §4.1, §6): what no well-behaved client would send. */

export const types = {
  DATA: 0, HEADERS: 1, PRIORITY: 2, RST_STREAM: 3, SETTINGS: 4, PUSH_PROMISE: 5, PING: 6, GOAWAY: 7, WINDOW_UPDATE: 8, CONTINUATION: 9
} as const
export type FrameType = keyof typeof types

export const flags = { END_STREAM: 1, ACK: 1, END_HEADERS: 4 } as const

/** RFC 9113 §7. */
export const errors = { NO_ERROR: 0, PROTOCOL_ERROR: 1, INTERNAL_ERROR: 2, REFUSED_STREAM: 7, CANCEL: 8, ENHANCE_YOUR_CALM: 11 } as const

export interface Frame { type: FrameType, flags: number, stream: number, payload: Buffer }

export function frame (type: FrameType, flag: number, stream: number, payload: Buffer | string = ''): Buffer {
  const body = Buffer.from(payload as string, 'latin1')
  const head = Buffer.alloc(9)
  head.writeUIntBE(body.length, 0, 3)
  head.writeUInt8(types[type], 3)
  head.writeUInt8(flag, 4)
  head.writeUInt32BE(stream, 5)
  return Buffer.concat([head, body])
}

/** A header block of literals that no table remembers (RFC 7541 §6.2.2). */
export function block (fields: Iterable<readonly [string, string]>): Buffer {
  return Buffer.concat([...fields].flatMap(([name, value]) => [Buffer.from([0]), literal(name), literal(value)]))
}

function literal (text: string): Buffer {
  const bytes = Buffer.from(text, 'latin1')
  return Buffer.concat([prefixed(bytes.length), bytes])
}

/** RFC 7541 §5.1, with a prefix of 7 bits. */
function prefixed (value: number): Buffer {
  if (value < 127) return Buffer.from([value])
  const bytes = [127]
  for (value -= 127; value >= 128; value = Math.floor(value / 128)) bytes.push(128 + value % 128)
  return Buffer.from([...bytes, value])
}

export function request (method: string, more: Record<string, string> = {}): [string, string][] {
  return Object.entries({ ':method': method, ':scheme': 'https', ':authority': 'localhost', ':path': '/', ...more })
}

export const uint32 = (...values: number[]) => Buffer.concat(values.map((value) => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}))

/** One setting (RFC 9113 §6.5.1). */
export const setting = (id: number, value: number) => Buffer.concat([Buffer.from([0, id]), uint32(value)])

/** An HTTP/2 connection spoken frame by frame. It never closes itself, acknowledges nothing and asks for nothing by itself. */
export class FrameConnection {
  readonly socket: TLSSocket
  /** What came from the gateway so far. */
  readonly frames: Frame[] = []
  /** Resolves when the gateway has ended its side. */
  readonly ended: Promise<void>
  #isEnded = false
  #bytes = Buffer.alloc(0)

  constructor (socket: TLSSocket) {
    this.socket = socket
    socket.on('data', (chunk) => this.#read(chunk))
    this.ended = new Promise((resolve) => {
      for (const event of ['end', 'close']) socket.once(event, () => { this.#isEnded = true; resolve() })
    })
  }

  send (...pieces: Buffer[]): void {
    this.socket.write(Buffer.concat(pieces))
  }

  /** A GET for `/`, whole. */
  get (stream: number): void {
    this.send(frame('HEADERS', flags.END_HEADERS | flags.END_STREAM, stream, block(request('GET'))))
  }

  find (type: FrameType, stream: number): Frame | undefined {
    return this.frames.find((frame) => frame.type === type && frame.stream === stream)
  }

  /** Resolves with the first frame of a type on a stream, which may have come already. */
  async awaits (type: FrameType, stream: number): Promise<Frame> {
    await until(() => this.find(type, stream) !== undefined || this.#isEnded)
    const found = this.find(type, stream)
    if (found === undefined) throw new Error(`the connection ended without ${type} on stream ${stream}`)
    return found
  }

  /** The error code of the RST_STREAM that ends a stream. */
  async resetOf (stream: number): Promise<number> {
    return (await this.awaits('RST_STREAM', stream)).payload.readUInt32BE(0)
  }

  /** The error code of the GOAWAY that ends the connection. */
  async goaway (): Promise<number> {
    return (await this.awaits('GOAWAY', 0)).payload.readUInt32BE(4)
  }

  /**
   * Resolves once the gateway has had enough: with the error code it said, or with none where the connection was reset over
   * bytes that were still on their way, and the last frames with it.
   */
  async abandoned (): Promise<number | undefined> {
    await until(() => this.find('GOAWAY', 0) !== undefined || this.#isEnded)
    return this.find('GOAWAY', 0)?.payload.readUInt32BE(4)
  }

  /** What came of a stream's body. */
  body (stream: number): string {
    const pieces = this.frames.filter((frame) => frame.type === 'DATA' && frame.stream === stream)
    return Buffer.concat(pieces.map(({ payload }) => payload)).toString()
  }

  #read (chunk: Buffer): void {
    this.#bytes = Buffer.concat([this.#bytes, chunk])
    while (this.#bytes.length >= 9) {
      const length = this.#bytes.readUIntBE(0, 3)
      if (this.#bytes.length < 9 + length) return
      const type = Object.entries(types).find(([, number]) => number === this.#bytes[3])![0] as FrameType
      this.frames.push({ type, flags: this.#bytes[4]!, stream: this.#bytes.readUInt32BE(5), payload: this.#bytes.subarray(9, 9 + length) })
      this.#bytes = this.#bytes.subarray(9 + length)
    }
  }
}

/** A connection past its TLS handshake, on which nothing was said yet. */
export async function connectSecurely (t: TestContext, gateway: TestGateway): Promise<TLSSocket> {
  const socket = connect({ host: '127.0.0.1', port: gateway.port, ca: gateway.ca, servername: 'localhost', ALPNProtocols: ['h2'] })
  socket.on('error', () => {})
  socket.allowHalfOpen = true
  t.after(() => socket.destroy())
  await once(socket, 'secureConnect')
  return socket
}

/** An HTTP/2 connection; `settings` are the client's own, sent with its preface. */
export async function connectFrames (t: TestContext, gateway: TestGateway, settings = Buffer.alloc(0)): Promise<FrameConnection> {
  const connection = new FrameConnection(await connectSecurely(t, gateway))
  connection.send(Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), frame('SETTINGS', 0, 0, settings))
  return connection
}

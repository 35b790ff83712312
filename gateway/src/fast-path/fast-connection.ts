import type { TLSSocket } from 'node:tls'
import type { Socket } from 'node:net'
import { clientOf, isWithin } from '../client-address.ts'
import type { Client } from '../client-address.ts'
import { clientKey } from '../limits/client-key.ts'
import type { ConnectionTime } from '../limits/connection-time.ts'
import { keepAliveBuffer } from '../limits/connection-time.ts'
import { connectionFields } from '../observe/connection-fields.ts'
import { FastRequest } from './fast-request.ts'
import { handOver } from './handover.ts'
import type { Handover } from './handover.ts'
import type { FastLane } from './lane.ts'
import { RequestReader } from './request-reader.ts'
import type { FastHead } from './request-reader.ts'

const own = Symbol('fast connection')
type Held = Socket & { [own]?: FastConnection | undefined }

/** The fast path's hold on a connection, as long as it has one. */
export function fastConnection (socket: Socket): FastConnection | undefined {
  return (socket as Held)[own]
}

/** Pieces that one request may come in; who sends more of them is no quick client. */
const mostPieces = 8
/** Milliseconds that the rest of a body may take, to within one look at all connections; less where requests have little time. */
const longestPatience = 500

/** One that asks, and as what it is told in limits and log. */
export interface Peer {
  client: Client
  key: string
  /** Whether its X-Forwarded-For and its trace flags are believed. */
  isTrusted: boolean
}

/**
 * A client's connection as long as it brings nothing but small requests that share exchanges, each whole, at once, and alone.
 * At the first byte of anything else, or when something takes its time, Node's HTTP server gets the connection for good, with all
 * bytes that have not been answered: the connection looks to it as if it had just been made.
 */
export class FastConnection implements ConnectionTime {
  readonly socket: TLSSocket
  readonly peer: Peer
  readonly lane: FastLane
  /** The connection's members of the access line: once it is closed nobody could tell. */
  readonly fields: string
  readonly #toServer: (socket: TLSSocket) => void
  #request: FastRequest | undefined
  /** Bytes that came and are not understood yet: of a request that is not whole, or that came before its turn. */
  #bytes: Buffer | undefined
  /** The request of which they are the beginning, as far as that is known. */
  #begun: FastHead | undefined
  #pieces = 0
  readonly #reader: RequestReader
  #hasAsked = false
  #isAnswering = false
  /** When it became idle, began to send, or was answered, on the clock of `performance.now()`. */
  #since = performance.now()

  /** @param toServer what Node's HTTP server does with a new connection */
  constructor (socket: TLSSocket, lane: FastLane, toServer: (socket: TLSSocket) => void) {
    const address = socket.remoteAddress!
    this.socket = socket
    this.lane = lane
    this.fields = connectionFields(this)
    this.#toServer = toServer
    this.#reader = new RequestReader(lane)
    this.peer = { client: clientOf(address, undefined, lane.trusted), key: clientKey(address), isTrusted: isWithin(lane.trusted, address) };
    (socket as Held)[own] = this
    socket.on('data', this.#arrived)
    socket.on('end', this.#ended)
    socket.on('close', this.#closed)
    socket.on('error', ignore)
  }

  /** Whether nobody waits for an answer on it, and no request is on its way as far as is known. */
  get isIdle (): boolean {
    return this.#request === undefined && this.#bytes === undefined
  }

  /** Whether an answer can still be sent on it. */
  get isOpen (): boolean {
    return this.socket.writable
  }

  look (now: number): void {
    const { times } = this.lane
    const passed = now - this.#since
    if (this.#request !== undefined) {
      if (this.#isAnswering && passed >= times.request) this.socket.destroy()
    } else if (this.#bytes !== undefined) {
      if (passed >= Math.min(longestPatience, times.request / 4)) this.#leaveTo(this.#bytes)
    } else if (passed >= (this.#hasAsked ? times.keepAlive + keepAliveBuffer : times.headers)) {
      this.socket.destroy()
    }
  }

  /** Sends the answer to its request. */
  answer (text: string, isLast: boolean): void {
    this.#isAnswering = true
    this.#since = performance.now()
    this.socket.write(text, 'latin1', this.#answered)
    if (isLast) this.socket.destroySoon()
  }

  /** Leaves its request to the usual way after all. @param what is known of it already */
  leaveRequest (what: Handover): void {
    handOver(this.socket, what)
    const { bytes } = this.#request!
    this.#request = undefined
    this.#leaveTo(this.#bytes === undefined ? bytes : Buffer.concat([bytes, this.#bytes]))
  }

  readonly #arrived = (piece: Buffer): void => {
    // Behind the last answer nothing is a request any more: it would be passed on and never be answered (RFC 9112 §9.6).
    if (this.socket.writableEnded) return
    const before = this.#bytes
    const bytes = before === undefined ? piece : Buffer.concat([before, piece])
    if (this.#request === undefined) return this.#read(bytes)
    // It waits for its turn, and nothing more is read meanwhile.
    this.#bytes = bytes
    this.socket.pause()
  }

  #read (bytes: Buffer): void {
    const { head: longestHead, body: longestBody } = this.lane.longest
    const text = bytes.length > longestHead + longestBody ? '' : bytes.toString('latin1')
    const read = this.#reader.read(text)
    if (read === undefined) return this.#leaveTo(bytes)
    const missing = read.head.end + read.head['content-length'] - bytes.length
    if (missing < 0) return this.#leaveTo(bytes)
    if (missing > 0) return this.#await(bytes, read)
    this.#bytes = this.#begun = undefined
    this.#pieces = 0
    this.#hasAsked = true
    this.#request = new FastRequest(this, read, bytes, text.slice(read.head.end))
    this.#request.start()
  }

  /** The rest of a body. */
  #await (bytes: Buffer, read: FastHead): void {
    if (++this.#pieces > mostPieces) return this.#leaveTo(bytes)
    if (this.#begun === undefined) this.#since = performance.now()
    this.#bytes = bytes
    this.#begun = read
  }

  readonly #answered = (error?: Error | null): void => {
    // What became of it is known when the connection is closed.
    if (error != null || this.#request === undefined) return
    this.#isAnswering = false
    const request = this.#request
    this.#request = undefined
    this.#since = performance.now()
    request.over(true)
    const bytes = this.#bytes
    if (bytes === undefined || this.socket.writableEnded) return
    this.#bytes = undefined
    this.socket.resume()
    this.#read(bytes)
  }

  readonly #ended = (): void => {
    this.#cut()
    // As Node's HTTP server has it: who closes its side wants no answer.
    this.socket.end()
  }

  readonly #closed = (): void => {
    this.#cut()
    this.#request?.over(false)
    this.#request = undefined
    this.lane.closed(this)
  }

  /** Makes a request of one whose body will not come to its end. */
  #cut (): void {
    if (this.#begun === undefined) return
    this.#request = new FastRequest(this, this.#begun, this.#bytes!, '')
    this.#bytes = this.#begun = undefined
    this.#request.cutShort()
  }

  #leaveTo (bytes: Buffer): void {
    const { socket } = this
    this.#bytes = this.#begun = undefined;
    (socket as Held)[own] = undefined
    this.lane.closed(this)
    socket.off('data', this.#arrived)
    socket.off('end', this.#ended)
    socket.off('close', this.#closed)
    socket.pause()
    socket.unshift(bytes)
    this.#toServer(socket)
    socket.off('error', ignore)
    socket.resume()
  }
}

function ignore (): void {}

import { constants } from 'node:http2'
import type { Http2ServerRequest, ServerHttp2Session, ServerHttp2Stream } from 'node:http2'
import type { Socket } from 'node:net'
import { RequestTimeout } from '../errors.ts'
import { failArrival } from './arrival.ts'
import type { ConnectionTime, TimeLimits } from './connection-time.ts'

const { NGHTTP2_NO_ERROR, NGHTTP2_CANCEL } = constants

interface OpenStream {
  opened: number
  /** When its answer was seen to have started. */
  answering: number | undefined
  reset: number | undefined
}

/** The requests of streams; Node makes one for each stream, and has no way back. */
export type RequestOf = WeakMap<ServerHttp2Stream, Http2ServerRequest>

/**
 * The time of an HTTP/2 connection; Node has no limit here.
 * - A request that is not whole in time is answered with 408 or, where nobody is reading it, reset with CANCEL.
 * - An answer that is not taken in time (a closed window, a client that does not read) is reset with CANCEL.
 * - A request of which the rest is not needed, since its answer is out, is reset with NO_ERROR (RFC 9113 §8.1).
 * - A session that opens no stream, or none any more, gets a GOAWAY with NO_ERROR. Pings, settings and headers that never
 *   end open no stream.
 */
export class Http2Time implements ConnectionTime {
  readonly #session: ServerHttp2Session
  readonly #socket: Socket
  readonly #limits: TimeLimits
  readonly #requestOf: RequestOf
  readonly #streams = new Map<ServerHttp2Stream, OpenStream>()
  #brought = false
  #idleSince = performance.now()
  #closing: number | undefined

  constructor (session: ServerHttp2Session, socket: Socket, limits: TimeLimits, requestOf: RequestOf) {
    this.#session = session
    this.#socket = socket
    this.#limits = limits
    this.#requestOf = requestOf
    const { remoteAddress, remotePort } = socket
    session.prependListener('stream', (stream: ServerHttp2Stream) => {
      // A stream that its client has reset has no session to ask any more, but is still somebody's, and counted as theirs.
      Object.assign(stream, { remoteAddress, remotePort })
      this.#brought = true
      if (stream.destroyed) return
      this.#streams.set(stream, { opened: performance.now(), answering: undefined, reset: undefined })
      stream.once('close', () => this.#streams.delete(stream))
    })
  }

  look (now: number): void {
    for (const [stream, times] of this.#streams) this.#lookAtStream(stream, times, now)
    if (this.#streams.size > 0) {
      this.#idleSince = now
    } else if (this.#closing !== undefined) {
      if (now - this.#closing >= this.#limits.linger) this.#socket.destroy()
    } else if (this.#session.closed || now - this.#idleSince >= (this.#brought ? this.#limits.keepAlive : this.#limits.headers)) {
      this.#closing = now
      this.#session.close()
    }
  }

  #lookAtStream (stream: ServerHttp2Stream, times: OpenStream, now: number): void {
    if (times.reset !== undefined) {
      // Not even the reset is taken.
      if (now - times.reset >= this.#limits.linger) this.#socket.destroy()
      return
    }
    if (!stream.headersSent) {
      if (now - times.opened >= this.#limits.request && !hasArrived(stream)) this.#refuseLate(stream, times, now)
      return
    }
    times.answering ??= now
    if (stream.writableFinished && !hasArrived(stream)) stream.close(NGHTTP2_NO_ERROR)
    else if (now - times.answering >= this.#limits.request) cancel(stream, times, now)
  }

  #refuseLate (stream: ServerHttp2Stream, times: OpenStream, now: number): void {
    const request = this.#requestOf.get(stream)
    if (request === undefined || !failArrival(request, new RequestTimeout())) cancel(stream, times, now)
  }
}

function hasArrived (stream: ServerHttp2Stream): boolean {
  return stream.endAfterHeaders || stream.readableEnded || stream.state.remoteClose === 1
}

function cancel (stream: ServerHttp2Stream, times: OpenStream, now: number): void {
  times.reset = now
  stream.close(NGHTTP2_CANCEL)
}

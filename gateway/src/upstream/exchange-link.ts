import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { errors } from 'undici'
import { AnswerReader } from './answer-reader.ts'

/** Who sends over a link. */
export interface Sender {
  /** The answer's head is there, or more of its body, and not all of it. */
  arriving: () => void
  /** Called once: with the whole answer, or with why there is none, and then with what there was of one. */
  done: (error: Error | null, answer: Pick<AnswerReader, 'status' | 'body'>) => void
}

/** Who keeps links. */
export interface Keeper {
  /** The link may take the next. */
  free: (link: ExchangeLink) => void
  /** The link takes no more. */
  lost: (link: ExchangeLink) => void
  /** Its connection is closed. */
  closed: (link: ExchangeLink) => void
}

// The answer of nearly any exchange in one piece. Longer ones come in several.
const bytesAtOnce = 65536

// As undici has it: a peer that is gone without a word is noticed some time.
const probeAfter = 60_000

/**
 * One kept-alive connection to an upstream, for one exchange after another. It does what undici does for all other requests,
 * with less about it: for an exchange of one request undici cost twice the processor time (measured).
 */
export class ExchangeLink {
  readonly #socket: Socket
  readonly #keeper: Keeper
  readonly #answer = new AnswerReader()
  readonly #connecting: NodeJS.Timeout
  #sender: Sender | undefined
  #isLost = false
  /** On the clock of `performance.now()`. */
  #restsUntil = 0
  #rest: { ms: number, timer: NodeJS.Timeout } | undefined

  /** @param connectTimeout milliseconds */
  constructor (host: string, port: number, connectTimeout: number, keeper: Keeper) {
    this.#keeper = keeper
    // When this process was the slow one, the connection is there already: let that be seen before it is given up.
    this.#connecting = setTimeout(() => setImmediate(() => {
      if (this.#socket.connecting) this.fail(new errors.ConnectTimeoutError())
    }), connectTimeout)
    const buffer = Buffer.allocUnsafeSlow(bytesAtOnce)
    this.#socket = connect({
      host,
      port,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: probeAfter,
      // One buffer for all that comes: what is kept of it is copied, as text.
      onread: { buffer, callback: (length) => this.#read(buffer.subarray(0, length)) }
    })
    this.#socket.once('connect', () => clearTimeout(this.#connecting))
    this.#socket.on('error', (error) => this.fail(error))
    this.#socket.once('end', () => this.#ended())
    this.#socket.once('close', () => {
      this.fail(new errors.SocketError('other side closed'))
      keeper.closed(this)
    })
  }

  /** Whether it rested no longer than its upstream waits. */
  get isFresh (): boolean {
    return performance.now() < this.#restsUntil
  }

  /** @param text a whole HTTP/1.1 request, a character a byte */
  send (text: string, sender: Sender): void {
    this.#sender = sender
    this.#socket.write(text, 'latin1')
  }

  /** Ends the connection, and the exchange on it. */
  fail (error: Error): void {
    if (this.#isLost) return
    this.#lose()
    this.#conclude(error)
  }

  #read (bytes: Buffer): boolean {
    const sender = this.#sender
    if (sender === undefined) {
      this.fail(new Error('an upstream answered unasked'))
      return false
    }
    let isWhole: boolean
    try {
      isWhole = this.#answer.read(bytes)
    } catch (error) {
      this.fail(error as Error)
      return false
    }
    if (isWhole) this.#answered()
    else if (this.#answer.status !== 0) sender.arriving()
    return !this.#isLost
  }

  #ended (): void {
    if (this.#sender === undefined || !this.#answer.finish()) return this.fail(new errors.SocketError('other side closed'))
    this.#lose()
    this.#conclude(null)
  }

  #answered (): void {
    const { restsFor } = this.#answer
    // An upstream that answers before it has the request may never take the rest of it.
    if (restsFor === 0 || this.#socket.writableLength > 0) this.#lose()
    else this.#goToRest(restsFor)
    this.#conclude(null)
  }

  #conclude (error: Error | null): void {
    const sender = this.#sender
    const { status, body } = this.#answer
    this.#sender = undefined
    this.#answer.reset()
    if (!this.#isLost) this.#keeper.free(this)
    sender?.done(error, { status, body })
  }

  #lose (): void {
    this.#isLost = true
    clearTimeout(this.#connecting)
    clearTimeout(this.#rest?.timer)
    this.#socket.destroy()
    this.#keeper.lost(this)
  }

  #goToRest (ms: number): void {
    this.#restsUntil = performance.now() + ms
    if (this.#rest?.ms === ms) {
      this.#rest.timer.refresh()
      return
    }
    clearTimeout(this.#rest?.timer)
    const timer = setTimeout(() => {
      if (this.#sender === undefined) this.fail(new Error('at rest for too long'))
    }, ms).unref()
    this.#rest = { ms, timer }
  }
}

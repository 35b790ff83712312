import { Readable } from 'node:stream'

/** Bytes of one answer that are kept for a client that takes them slowly. */
const longestKept = 1024 * 1024

/** A client's share of the room there is, and everybody's of the time. */
export interface Room {
  /** Takes room for so many bytes, when there is some. */
  take: (bytes: number) => boolean
  give: (bytes: number) => void
  /** Whether so many bytes may go on now; if not, `retry` is called later. */
  mayPass: (bytes: number, retry: () => void) => boolean
  stalled: (answer: UnreadAnswer) => void
  /** Called for an answer that stalled, when it goes on or ends. */
  goesOn: (answer: UnreadAnswer) => void
}

/** One answer: what has come from the upstream and is not taken yet. */
export class UnreadAnswer extends Readable {
  readonly #body: Readable
  readonly #room: Room
  readonly #pieces: Buffer[] = []
  readonly #retry = () => {
    this.#isPostponed = false
    this.#serve()
  }

  #held = 0
  #isWanted = false
  #isPostponed = false
  #isStalled = false
  #isWhole = false

  constructor (body: Readable, room: Room) {
    super()
    this.#body = body
    this.#room = room
    body.on('data', (piece: Buffer) => this.#arrived(piece))
    body.once('end', () => {
      this.#isWhole = true
      this.#serve()
    })
    body.on('error', (error) => this.destroy(error))
  }

  override _read (): void {
    this.#isWanted = true
    this.#serve()
  }

  #serve (): void {
    if (!this.#isWanted || this.#isPostponed || this.destroyed) return
    const piece = this.#pieces[0]
    if (piece === undefined) {
      if (this.#isWhole) this.push(null)
      else this.#goOn()
    } else if (this.#mayPass(piece)) {
      this.#pieces.shift()
      this.#held -= piece.length
      this.#room.give(piece.length)
      if (this.#held <= longestKept / 2) this.#goOn()
      this.#pass(piece)
    }
  }

  override _destroy (error: Error | null, callback: (error: Error | null) => void): void {
    this.#body.destroy()
    if (this.#held > 0) this.#room.give(this.#held)
    this.#held = 0
    this.#pieces.length = 0
    if (this.#isStalled) this.#room.goesOn(this)
    this.#isStalled = false
    callback(error)
  }

  #mayPass ({ length }: Buffer): boolean {
    this.#isPostponed = !this.#room.mayPass(length, this.#retry)
    return !this.#isPostponed
  }

  #pass (piece: Buffer): void {
    this.#isWanted = false
    this.push(piece)
  }

  #arrived (piece: Buffer): void {
    if (this.destroyed) return
    if (this.#isWanted && !this.#isPostponed && this.#pieces.length === 0 && this.#mayPass(piece)) {
      this.#pass(piece)
    } else if (this.#held + piece.length <= longestKept && this.#room.take(piece.length)) {
      this.#pieces.push(piece)
      this.#held += piece.length
    } else {
      this.#body.pause()
      // Back to where it came from, before what is still to come.
      this.#body.unshift(piece)
      this.#isStalled = true
      this.#room.stalled(this)
    }
  }

  #goOn (): void {
    if (!this.#isStalled) return
    this.#isStalled = false
    this.#room.goesOn(this)
    this.#body.resume()
  }
}

import { connect } from 'node:tls'
import { readAnswers } from './answers.ts'
import type { Answer } from './answers.ts'
import { plainAnswer } from './recording-upstream.ts'
import type { AnswerBytes, Reached, RecordingUpstream } from './recording-upstream.ts'

/** Something that stands between a TLS port and a recording upstream. */
export interface Edge {
  port: number
  upstream: RecordingUpstream
}

/** What an edge made of some bytes: all that its client and its upstream saw. */
export interface Seen {
  answers: Answer[]
  /** Bytes to the client that belong to no answer. */
  stray: string
  requests: Reached[]
  violations: string[]
}

// Far past the edges' own time-outs, which end every connection.
const longest = 15_000

/** Sends bytes over one connection of its own and waits until the edge has closed it. */
export async function exchange ({ port, upstream }: Edge, bytes: string, answer: AnswerBytes = plainAnswer): Promise<Seen> {
  const before = upstream.take()
  const late = before.requests.map(({ bytes }) => `came when its client was gone: ${JSON.stringify(bytes)}`)
  upstream.answerWith(answer)
  const text = await send(port, bytes)
  const { requests, violations } = upstream.take()
  return { ...readAnswers(text), requests, violations: [...late, ...before.violations, ...violations] }
}

function send (port: number, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    // Who it is has been tested elsewhere; here the bytes matter.
    const socket = connect({ host: '127.0.0.1', port, ALPNProtocols: ['http/1.1'], rejectUnauthorized: false })
    const late = setTimeout(() => {
      socket.destroy()
      reject(new Error(`the connection was still open after ${longest} ms`))
    }, longest)
    let text = ''
    socket.once('secureConnect', () => socket.write(bytes, 'latin1'))
    socket.on('data', (chunk: Buffer) => { text += chunk.toString('latin1') })
    // A reset ends it too: with bytes unread, closing resets.
    socket.on('error', () => {})
    socket.once('close', () => {
      clearTimeout(late)
      resolve(text)
    })
  })
}

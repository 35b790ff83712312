import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import type { Scope } from '../process.ts'
import { NotStrict, readRequest } from './strict-request.ts'
import type { StrictRequest } from './strict-request.ts'

/** What reached the upstream; `serial` is what its answer carries as `x-upstream`. */
export type Reached = StrictRequest & { serial: string }

/** The bytes that the upstream answers a request with. */
export type AnswerBytes = (request: Reached) => string

export interface RecordingUpstream {
  url: string
  /** What came since the last call: the requests, and what no strict parser takes for one. */
  take: () => { requests: Reached[], violations: string[] }
  answerWith: (answer: AnswerBytes) => void
}

/** 200 with the request's serial; to HEAD without the body. */
export const plainAnswer: AnswerBytes = ({ method, serial }) =>
  `HTTP/1.1 200 OK\r\nx-upstream: ${serial}\r\ncontent-length: 2\r\n\r\n${method === 'HEAD' ? '' : 'ok'}`

/**
 * An upstream over bare TCP with a parser of its own, so that nothing between the wire and the record forgives anything. It
 * keeps connections alive, as what stands before it does: bytes left over from one request would start the next.
 */
export async function startRecordingUpstream (t: Scope): Promise<RecordingUpstream> {
  const sockets = new Map<Socket, string>()
  let requests: Reached[] = []
  let violations: string[] = []
  let answer = plainAnswer
  let served = 0

  const read = (socket: Socket) => {
    for (;;) {
      const request = readRequest(sockets.get(socket)!)
      if (request === undefined) return
      sockets.set(socket, sockets.get(socket)!.slice(request.bytes.length))
      const reached = { ...request, serial: String(++served) }
      requests.push(reached)
      socket.write(answer(reached), 'latin1')
    }
  }
  const server = createServer((socket) => {
    sockets.set(socket, '')
    socket.on('error', () => {})
    socket.on('close', () => {
      // A request that was broken off is not half a request: nothing of it counts. Its bytes must not stay, either.
      sockets.delete(socket)
    })
    socket.on('data', (chunk) => {
      sockets.set(socket, sockets.get(socket)! + chunk.toString('latin1'))
      try {
        read(socket)
      } catch (error) {
        if (!(error instanceof NotStrict)) throw error
        violations.push(error.message)
        socket.destroy()
      }
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    for (const socket of sockets.keys()) socket.destroy()
    server.close()
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    answerWith: (bytes) => { answer = bytes },
    take: () => {
      const leftOver = [...sockets.values()].filter((text) => text !== '').map((text) => `left over: ${JSON.stringify(text)}`)
      const taken = { requests, violations: [...violations, ...leftOver] }
      requests = []
      violations = []
      return taken
    }
  }
}

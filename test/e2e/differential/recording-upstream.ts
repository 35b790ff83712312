import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import type { Scope } from '../process.ts'
import { head } from './case.ts'
import { NotStrict, readHead, readRequest, requireHost } from './strict-request.ts'
import type { StrictRequest } from './strict-request.ts'

/** What reached the upstream; `serial` is what its answer carries as `x-upstream`. */
export type Reached = StrictRequest & { serial: string }

/** The bytes that the upstream answers a request with; `early` ones as soon as it has the headers, and then it hangs up. */
export type AnswerBytes = ((request: Reached) => string) & { early?: boolean }

export interface RecordingUpstream {
  url: string
  /** What came since the last call: the requests, and what no strict parser takes for one. */
  take: () => { requests: Reached[], violations: string[] }
  answerWith: (answer: AnswerBytes) => void
}

/** Asked by the gateway on its own behalf: answered, and not recorded. */
export const healthPath = '/healthy'

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
  let answer: AnswerBytes = plainAnswer
  let served = 0

  const reach = (socket: Socket, request: StrictRequest) => {
    requireHost(request)
    if (request.target === healthPath) {
      socket.write(head('HTTP/1.1 200 OK', 'Content-Length: 0'))
      return
    }
    const reached = { ...request, serial: String(++served) }
    requests.push(reached)
    socket.write(answer(reached), 'latin1')
  }
  const read = (socket: Socket) => {
    for (;;) {
      const text = sockets.get(socket)!
      const request = readRequest(text)
      if (request !== undefined) {
        sockets.set(socket, text.slice(request.bytes.length))
        reach(socket, request)
        continue
      }
      const start = answer.early === true ? readHead(text) : undefined
      if (start === undefined) return
      sockets.delete(socket)
      reach(socket, { ...start, body: '', framing: 'none', bytes: text })
      socket.end()
      return
    }
  }
  const server = createServer((socket) => {
    sockets.set(socket, '')
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
    socket.on('data', (chunk) => {
      const before = sockets.get(socket)
      // It has hung up already.
      if (before === undefined) return
      sockets.set(socket, before + chunk.toString('latin1'))
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

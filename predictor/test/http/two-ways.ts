import { once } from 'node:events'
import type { Socket } from 'node:net'
import type { TestContext } from 'node:test'
import type { Config } from '../../src/config.ts'
import { predictor } from '../helper.ts'
import { connectTo, parse } from '../raw-socket.ts'

/** As the gateway sends exchanges, which go past Fastify; and with a header more, which changes nothing but that. */
export const ways = { direct: '', usual: 'accept: */*\r\n' }

export const row = '{"iris_dimensions":[5.1,3.5,1.4,0.2]}'

/** The head of an exchange and its body, which may be shorter than announced. */
export function request (body: Buffer | string, more: string, length = Buffer.byteLength(body)): Buffer {
  const head = `POST /predict HTTP/1.1\r\nhost: x\r\nconnection: keep-alive\r\ncontent-type: application/x-exchange\r\ncontent-length: ${length}\r\n${more}\r\n`
  return Buffer.concat([Buffer.from(head), Buffer.from(body as string)])
}

/** A predictor that listens, and how many requests Fastify saw. */
export async function listening (t: TestContext, batches: Partial<Config['batches']> = {}) {
  const parts = await predictor(t, undefined, 'cpu', batches)
  const seen = new Set<string>()
  const fastify = { get requests () { return seen.size } }
  // Of those that an earlier hook refuses, only the second one hears.
  parts.app.addHook('onRequest', async ({ id }) => { seen.add(id) })
  parts.app.addHook('onSend', async ({ id }) => { seen.add(id) })
  const url = await parts.app.listen({ host: '127.0.0.1', port: 0 })
  parts.lines.length = 0
  const accessLines = async (count: number) => {
    const found = () => parts.lines.filter(({ msg }) => msg === 'request')
    while (found().length < count) await new Promise((resolve) => setTimeout(resolve, 2))
    return found()
  }
  return { ...parts, fastify, url, accessLines }
}

/** Sends bytes on a connection of their own and reads so many answers, as long as they say, or until it is closed. */
export async function ask (url: string, bytes: Buffer, count = 1): Promise<{ answers: ReturnType<typeof parse>[], socket: Socket }> {
  const socket = await connectTo(url)
  socket.write(bytes)
  return { answers: await answersOn(socket, count), socket }
}

/** Reads so many answers of a connection, or all until it is closed. */
export async function answersOn (socket: Socket, count: number): Promise<ReturnType<typeof parse>[]> {
  const answers: ReturnType<typeof parse>[] = []
  let text = ''
  const read = (piece: Buffer) => {
    text += piece.toString('latin1')
    for (let end = text.indexOf('\r\n\r\n'); end >= 0; end = text.indexOf('\r\n\r\n')) {
      const whole = end + 4 + Number(/content-length: (\d+)/i.exec(text)![1])
      if (text.length < whole) break
      answers.push(parse(text.slice(0, whole)))
      text = text.slice(whole)
    }
  }
  socket.on('data', read)
  while (answers.length < count && !socket.closed) {
    await Promise.race([once(socket, 'data'), once(socket, 'close')])
  }
  socket.off('data', read)
  return answers
}

const ids = /[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}/g

/** Without what two requests never have in common: ids that were made up, times, a stack's frames. */
export function comparable<T> (value: T): T {
  return JSON.parse(JSON.stringify(value, (name, inner: unknown) => {
    if (name === 'time' || name === 'ms' || name === 'date') return typeof inner
    if (name === 'stack') return (inner as string).split('\n', 1)[0]
    return typeof inner === 'string' ? inner.replace(ids, 'id') : inner
  })) as T
}

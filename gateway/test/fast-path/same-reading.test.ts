import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { connect } from 'node:net'
import { test } from 'node:test'
import fc from 'fast-check'
import { readHead } from '../../src/fast-path/head.ts'

/** What Node's own parser makes of bytes: its requests, as far as the fast path looks at them. */
async function readByNode (port: number, text: string, requests: unknown[]): Promise<void> {
  requests.length = 0
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => {}).resume().end(text, 'latin1')
  await once(socket, 'close')
}

const pieces = fc.constantFrom(
  'Accept: */*', 'accept: application/json', 'User-Agent: a', 'Connection: keep-alive', 'Connection: close', 'X-Request-Id: a.b',
  'X-Forwarded-For: 192.0.2.1', 'traceparent: 00-00000000000000000000000000000001-0000000000000001-01', 'Sec-Fetch-Site: same-origin'
)
const odd = fc.constantFrom(
  '\r', '\n', '\r\n', '\r\n\r\n', '\0', ' ', '\t', ':', ',', '_', '-', '+', '0', '1', '9', 'a', '\x7f', '\x80', '\xff', '/', '%', '#',
  'Content-Length: 1\r\n', 'Transfer-Encoding: chunked\r\n', 'Host: b\r\n', 'HTTP/1.1', 'POST '
)
const place = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
const changes = fc.array(fc.tuple(place, fc.nat(2), odd), { maxLength: 2 })

const requestText = fc.record({ lines: fc.array(pieces, { maxLength: 4 }), body: fc.stringMatching(/^[ -~\r\n]{1,20}$/), more: fc.constantFrom('', 'x') })
  .map(({ lines, body, more }) => [
    `${['POST /predict HTTP/1.1', 'Host: a', 'Content-Type: application/json', `Content-Length: ${body.length}`, ...lines].join('\r\n')}\r\n\r\n${body}`,
    more
  ] as const)

test('what the fast path reads, Node’s parser reads the same', async (t) => {
  const requests: unknown[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk) => chunks.push(chunk)).on('end', () => {
      const { method, url, httpVersion, headers } = request
      requests.push({ method, url, httpVersion, headers, body: Buffer.concat(chunks).toString('latin1') })
      response.end()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  const { port } = server.address() as AddressInfo
  let read = 0
  await fc.assert(fc.asyncProperty(requestText, changes, async ([valid, more], made) => {
    const text = made.reduce<string>((before, [where, count, bytes]) => {
      const at = Math.floor(where * (before.length + 1))
      return before.slice(0, at) + bytes + before.slice(at + count)
    }, valid)
    const head = readHead(text, 16384, 16384)
    if (head === undefined || text.length < head.end + head['content-length']) return
    read++
    const { target, end, 'content-length': length, ...headers } = head
    // Whatever is behind it is no part of it.
    await readByNode(port, text.slice(0, end + length) + more, requests)
    const [first, ...others] = requests as { headers: Record<string, string> }[]
    assert.equal(others.length, 0)
    assert.ok(first, `Node refused ${JSON.stringify(text)}`)
    const { headers: seen, ...line } = first
    assert.deepEqual(line, { method: 'POST', url: target, httpVersion: '1.1', body: text.slice(end, end + length) })
    assert.equal(Number(seen['content-length']), length)
    for (const [name, value] of Object.entries(headers)) assert.equal(seen[name], value, name)
    assert.equal(seen['transfer-encoding'], undefined)
  }), { numRuns: 3000 })
  assert.ok(read > 500, `${read} of 3000 were read`)
})

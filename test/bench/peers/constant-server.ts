import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { prediction } from '../payload.ts'

/** What Node.js itself can do at most: HTTPS, the request's body thrown away, a constant answered. Nothing else is done. */
const { TLS_CERT_FILE, TLS_KEY_FILE } = process.env
const { expected } = prediction
const headers = { 'content-type': 'application/json; charset=utf-8', 'content-length': Buffer.byteLength(expected) }

const server = createServer({ cert: readFileSync(TLS_CERT_FILE!), key: readFileSync(TLS_KEY_FILE!) }, (request, response) => {
  request.resume()
  request.on('end', () => response.writeHead(200, headers).end(expected))
})
server.listen(0, '127.0.0.1', () => process.send!({ url: `https://127.0.0.1:${(server.address() as AddressInfo).port}` }))
// Nobody is left to measure it.
process.on('disconnect', () => process.exit())

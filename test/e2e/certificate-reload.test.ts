import assert from 'node:assert/strict'
import { readFileSync, rmSync } from 'node:fs'
import { Agent, request } from 'node:https'
import { once } from 'node:events'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { connect } from 'node:tls'
import { fetchOnce } from './https.ts'
import { fromSource, run, runToEnd } from './process.ts'
import { freePorts, makeCertificates } from './stack.ts'

/** The serial number of the certificate that a server shows. */
async function serialAt (port: number, ca: Buffer): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port, ca, servername: 'localhost' })
  await once(socket, 'secureConnect')
  const { serialNumber } = socket.getPeerCertificate()
  socket.destroy()
  return serialNumber
}

test('a renewed certificate is shown to new connections; open ones go on; none is dropped', async (t) => {
  const { env, ca } = await makeCertificates(t)
  const gateway = run(t, fromSource('gateway/src/server.ts'), { ...freePorts, ...env, PREDICTOR_URL: 'http://127.0.0.1:1' })
  const { url } = JSON.parse((await gateway.said(/^\{.*"msg":"listening".*\}$/m))[0])
  const port = Number(new URL(url).port)
  const agent = new Agent({ keepAlive: true, maxSockets: 1, ca })
  t.after(() => agent.destroy())
  const overOpenConnection = async () => {
    const sent = request({ host: '127.0.0.1', port, agent, path: '/' })
    sent.end()
    const [response] = await once(sent, 'response')
    response.resume()
    await once(response, 'end')
    return sent.reusedSocket
  }
  await overOpenConnection()
  const serials = new Set([await serialAt(port, ca)])
  const folder = dirname(env.TLS_CERT_FILE!)
  for (let i = 0; i < 3; i++) {
    const before = gateway.output().split('"certificate reloaded"').length
    // The authority stays; only the server's certificate is made anew.
    rmSync(join(folder, 'server.crt'))
    assert.equal((await runToEnd(t, fromSource('certs/src/cli.ts', 'dev', '--dir', folder))).code, 0)
    await gateway.saidTimes('"certificate reloaded"', before)
    serials.add(await serialAt(port, ca))
    assert.equal(await overOpenConnection(), true)
    assert.equal((await fetchOnce(`${url}/`, { ca: readFileSync(join(folder, 'ca.crt')) })).status, 502)
  }
  assert.equal(serials.size, 4)
})

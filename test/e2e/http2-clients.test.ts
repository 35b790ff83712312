import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { promisify } from 'node:util'
import { startStack, temporaryFolder } from './stack.ts'
import { hasTool } from './tools.ts'

const exec = promisify(execFile)

/** Both services with HTTP/2 on, and the authority and a request body as files. */
async function started (t: TestContext) {
  const stack = await startStack(t, { HTTP2: 'on', RATE_LIMIT_RPS: '0' })
  const folder = temporaryFolder(t)
  const [ca, body] = [join(folder, 'ca.crt'), join(folder, 'body.json')]
  writeFileSync(ca, stack.ca)
  writeFileSync(body, '{"iris_dimensions":[5.1,3.5,1.4,0.2]}')
  return { ...stack, ca, body }
}

test('curl speaks HTTP/2 and HTTP/1.1 with it', async (t) => {
  if (!hasTool(t, 'curl', '--version')) return
  const { url, ca, body } = await started(t)
  for (const [flag, version] of [['--http2', '2'], ['--http1.1', '1.1']] as const) {
    const { stdout } = await exec('curl', ['--silent', '--cacert', ca, flag, '--write-out', ' HTTP/%{http_version} %{http_code}',
      '--header', 'content-type: application/json', '--data', `@${body}`, `${url}/predict`])
    assert.equal(stdout, `{"iris_type":"Iris-setosa"} HTTP/${version} 200`)
  }
})

test('h2load’s requests over concurrent streams are all answered', async (t) => {
  if (!hasTool(t, 'h2load', '--version')) return
  const { url, body } = await started(t)
  const { stdout } = await exec('h2load', ['--requests=2000', '--clients=4', '--max-concurrent-streams=20', '--header=content-type: application/json',
    `--data=${body}`, `${url}/predict`])
  assert.match(stdout, /Application protocol: h2/)
  assert.match(stdout, /2000 total, 2000 started, 2000 done, 2000 succeeded, 0 failed, 0 errored, 0 timeout/)
  assert.match(stdout, /status codes: 2000 2xx, 0 3xx, 0 4xx, 0 5xx/)
})

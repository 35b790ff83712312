import { readFileSync } from 'node:fs'
import { once } from 'node:events'
import { request } from 'node:https'
import { setTimeout as sleep } from 'node:timers/promises'
import { StepError } from './command.ts'

const authority = 'certs/local/ca.crt'
const answerWithin = 5000
const patience = 30_000
const between = 500

/** What every model-edge answers, whatever is configured. */
const checks = [
  { path: '/', body: undefined, expected: '{"status":"application is running"}' },
  { path: '/predict', body: '{"iris_dimensions":[5.1,3.5,1.4,0.2]}', expected: '{"iris_type":"Iris-setosa"}' },
  { path: '/predict', body: '{"iris_dimensions":[6.7,3.0,5.2,2.3]}', expected: '{"iris_type":"Iris-virginica"}' }
]

/** Whether something speaks HTTPS there within a few seconds, with a certificate of our authority for that address. */
export async function answers (url: string): Promise<boolean> {
  return await ask(url, '/').then(() => true, () => false)
}

/**
 * Asks for predictions. Just after a roll-out a Service may still lead to a pod that is gone: it is tried for a while.
 * @throws {StepError} with what came instead
 */
export async function smokeTest (url: string): Promise<void> {
  const until = Date.now() + patience
  for (const { path, body, expected } of checks) {
    let got = await ask(url, path, body).catch((error: Error) => error.message)
    while (got !== expected && Date.now() < until) {
      await sleep(between)
      got = await ask(url, path, body).catch((error: Error) => error.message)
    }
    if (got !== expected) throw new StepError(`${url}${path} should answer ${expected}, but: ${got}`)
    process.stdout.write(`${body === undefined ? 'GET ' : 'POST'} ${url}${path} ${body ?? ''} → ${got}\n`)
  }
}

async function ask (url: string, path: string, body?: string): Promise<string> {
  const sent = request(`${url}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: body === undefined ? {} : { 'content-type': 'application/json' },
    ca: readFileSync(authority),
    agent: false,
    signal: AbortSignal.timeout(answerWithin)
  })
  sent.end(body)
  const [response] = await once(sent, 'response')
  response.setEncoding('utf8')
  let text = ''
  for await (const chunk of response) text += chunk
  return text
}

import { request } from 'node:https'
import { setTimeout } from 'node:timers/promises'

const patience = 60_000
const pause = 200

/**
 * Asks until there is an answer that is no server error; false when there is none within a minute. Whose certificate it is
 * does not matter: nothing is told or believed.
 */
export async function firstAnswer (url: string): Promise<boolean> {
  for (const until = Date.now() + patience; Date.now() < until; await setTimeout(pause)) {
    const status = await ask(url)
    if (status !== undefined && status < 500) return true
  }
  return false
}

function ask (url: string): Promise<number | undefined> {
  return new Promise((resolve) => {
    const sent = request(url, { rejectUnauthorized: false, agent: false, timeout: 2000 }, (response) => {
      response.resume()
      resolve(response.statusCode)
    })
    sent.on('timeout', () => sent.destroy())
    sent.on('error', () => resolve(undefined))
    sent.end()
  })
}

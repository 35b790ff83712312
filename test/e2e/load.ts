import { once } from 'node:events'
import { Agent, request } from 'node:https'

/** What came of a load's requests: those answered with 200, and what went wrong with each of the others. */
export interface Tally { sent: number, answered: number, lost: string[] }

interface LoadOptions { url: string, ca: Buffer, connections: number }

/**
 * Predictions over kept-alive connections, one after another on each, without a retry, until it is stopped.
 * @returns the running count, and `stop`, which resolves when the last answer is in
 */
export function startLoad ({ url, ca, connections }: LoadOptions): { tally: Tally, stop: () => Promise<void> } {
  const agent = new Agent({ keepAlive: true, maxSockets: connections, ca })
  const tally: Tally = { sent: 0, answered: 0, lost: [] }
  const stopped = new AbortController()
  const one = async () => {
    while (!stopped.signal.aborted) {
      const sent = request(`${url}/predict`, { method: 'POST', headers: { 'content-type': 'application/json' }, agent })
      sent.end('{"iris_dimensions":[5.1,3.5,1.4,0.2]}')
      tally.sent++
      try {
        const [response] = await once(sent, 'response')
        response.resume()
        await once(response, 'end')
        if (response.statusCode === 200) tally.answered++
        else tally.lost.push(`status ${response.statusCode}`)
      } catch (error) {
        tally.lost.push((error as Error).message)
      }
    }
  }
  const clients = Array.from({ length: connections }, one)
  return {
    tally,
    stop: async () => {
      stopped.abort()
      await Promise.all(clients)
      agent.destroy()
    }
  }
}

/** Resolves when that many more requests have been answered: the middle of a load by count, not by time. */
export async function answeredMore ({ tally }: { tally: Tally }, count: number): Promise<void> {
  const goal = tally.answered + count
  while (tally.answered < goal) await new Promise((resolve) => setTimeout(resolve, 5))
}

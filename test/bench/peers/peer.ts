import { fetchOnce } from '../../e2e/https.ts'
import { isExpected, prediction } from '../payload.ts'
import { checkTls } from '../tls.ts'

export type PeerId = 'gateway' | 'nginx' | 'nginx-worker' | 'flask' | 'flask-tuned' | 'constant'

/** A server under measurement: HTTPS on a loopback port, answering `POST /predict`. */
export interface Peer {
  id: PeerId
  label: string
  url: string
  /** The processes that its connections end in; what is behind them is not among them. */
  pids: () => number[]
}

/** A certificate as the gateway's variables name it, and the authority that clients verify it with. */
export interface Certificate {
  env: Record<string, string>
  ca: Buffer
}

// Loading scikit-learn takes seconds on a busy machine.
const patience = 30_000

/**
 * Waits until the peer gives the right answer, then looks at its TLS parameters.
 * @returns the names of the headers it answers with
 */
export async function checkPeer ({ label, url }: Pick<Peer, 'label' | 'url'>, ca: Buffer): Promise<string[]> {
  const { contentType, body } = prediction
  const deadline = performance.now() + patience
  let last = 'nothing'
  while (performance.now() < deadline) {
    try {
      const answer = await fetchOnce(`${url}/predict`, { method: 'POST', ca, headers: { 'content-type': contentType }, body })
      if (answer.status === 200 && isExpected(prediction, answer.body)) {
        await checkTls(url, ca)
        return Object.keys(answer.headers)
      }
      last = `${answer.status} ${answer.body}`
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException
      if (code !== 'ECONNREFUSED') throw error
      last = message
    }
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  throw new Error(`${label} does not give the right answer; the last was: ${last}`)
}

import axios from 'axios/dist/node/axios.cjs'
import { sendNotiToSlack } from 'pino-slack-webhook'

/** Where messages go. */
export interface Webhook {
  /** A secret: who knows it can post. */
  url: string
  channel: string | undefined
}

/** What came of a message. */
export interface Outcome {
  /** Slack has it. */
  taken: boolean
  /** Slack will never have this one: it refused the message, not the messenger. */
  hopeless: boolean
  /** Milliseconds that Slack wants to be left alone. */
  pause: number | undefined
  /** What went wrong; neither the webhook's address nor anything that was sent. */
  why: string
}

/** Sends one message, and gives up after so many milliseconds. Never rejects. */
export type Post = (text: string, timeout: number) => Promise<Outcome>

// Slack's answers are a word.
const longestAnswer = 65536
const longestPause = 15 * 60 * 1000

interface Answer { status: number, headers: Record<string, unknown>, data: unknown }

/** The message under way; there is one at a time. */
let underWay: { timeout: number, answer: Answer | undefined } = { timeout: 0, answer: undefined }

// pino-slack-webhook posts by axios without a limit of any kind, and of a refusal it tells nothing but the text: the limits
// are axios' own defaults, and the answer is read on its way.
Object.assign(axios.defaults, {
  maxRedirects: 0,
  maxContentLength: longestAnswer,
  // Whatever else it is; on a 2xx pino-slack-webhook would write the whole request, address and all, to stderr.
  validateStatus: (status: number) => status === 200
})
axios.interceptors.request.use((config) => ({ ...config, signal: AbortSignal.timeout(underWay.timeout) }))
axios.interceptors.response.use((response) => {
  underWay.answer = response as Answer
  return response
}, (error) => {
  underWay.answer = error.response
  return Promise.reject(new Error(reason(error)))
})

/** What posts to a webhook, by pino-slack-webhook. */
export function createPost ({ url, channel }: Webhook): Post {
  return async (text, timeout) => {
    const message = underWay = { timeout, answer: undefined as Answer | undefined }
    try {
      await sendNotiToSlack({ url, channel: channel as string, text, emoji: ':rotating_light:', username: 'gateway' })
    } catch (error) {
      const why = (error as Error).message.replace(/^(Error: )+/, '')
      const status = message.answer?.status
      return { taken: false, hopeless: status === 400 || status === 413, pause: pauseOf(message.answer), why }
    }
    const taken = String(message.answer?.data).trim() === 'ok'
    return { taken, hopeless: false, pause: undefined, why: taken ? '' : 'an answer that is not Slack’s' }
  }
}

/** Made of the error's kind alone. */
function reason ({ response, code, name }: { response?: Answer, code?: string, name: string }): string {
  if (response !== undefined && response.status !== 200) return `status ${response.status}`
  return code === 'ERR_CANCELED' ? 'no answer in time' : code ?? name
}

/** `Retry-After` (RFC 9110 §10.2.3): seconds or a date. */
function pauseOf (answer: Answer | undefined): number | undefined {
  const value = answer?.headers['retry-after']
  if (typeof value !== 'string') return undefined
  const pause = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now()
  return pause > 0 ? Math.min(pause, longestPause) : undefined
}

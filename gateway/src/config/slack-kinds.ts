import type { Kind } from './kinds.ts'

/** Slack's incoming webhook: who knows its address can post. Plain HTTP stays on the machine. */
export const webhookUrl: Kind<string> = {
  takes: 'an address such as https://hooks.slack.com/services/…; http:// only on this machine (localhost, 127.0.0.1, [::1])',
  parse: (value) => {
    if (!URL.canParse(value)) return undefined
    const { protocol, hostname, username, password, hash } = new URL(value)
    const local = hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname)
    const secure = protocol === 'https:' || (protocol === 'http:' && local)
    return secure && username === '' && password === '' && hash === '' ? value : undefined
  }
}

/** A channel, or a person, as Slack names them. */
export const channel: Kind<string> = {
  takes: 'the name of a channel such as #alerts, of at most 80 letters, digits, dashes, dots and underscores',
  parse: (value) => /^[#@]?[\p{L}\p{N}._-]{1,80}$/u.test(value) ? value : undefined
}

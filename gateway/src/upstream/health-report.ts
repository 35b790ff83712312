import type { Readable } from 'node:stream'

/** What an upstream says of the model it serves in the body of its health answer. None of it need be there. */
export interface ModelState {
  name?: string
  version?: string
  backend?: string
  /** A version that it was to serve and does not, and why. */
  refused?: { version?: string, reason?: string }
}

const longest = 16384
const longestText = 300

/** The model's state as a health answer tells it; `undefined` where it tells nothing of the kind. */
export async function readModelState (body: Readable): Promise<ModelState | undefined> {
  const text = await beginning(body)
  if (text === undefined || !text.startsWith('{')) return undefined
  try {
    const { model } = JSON.parse(text)
    if (!isObject(model)) return undefined
    const { name, version, backend, refused } = model
    return {
      ...texts({ name, version, backend }),
      ...isObject(refused) && { refused: texts({ version: refused.version, reason: refused.reason }) }
    }
  } catch {
    return undefined
  }
}

/** The whole body, unless it is longer than any health answer has to be. */
async function beginning (body: Readable): Promise<string | undefined> {
  const pieces: Buffer[] = []
  let length = 0
  // Of an answer that is left unread.
  body.on('error', () => {})
  for await (const piece of body) {
    length += piece.length
    // Ends the loop, and with it the body and its connection.
    if (length > longest) return undefined
    pieces.push(piece)
  }
  return Buffer.concat(pieces).toString()
}

function isObject (value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

/** Those of the values that are texts, none of them longer than a person reads. */
function texts (values: Record<string, unknown>): Record<string, string> {
  const entries = Object.entries(values).filter((entry): entry is [string, string] => typeof entry[1] === 'string')
  return Object.fromEntries(entries.map(([name, text]) => [name, text.slice(0, longestText)]))
}

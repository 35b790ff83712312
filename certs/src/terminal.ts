import type { Writable } from 'node:stream'
import { CertsError } from './errors.ts'
import type { TerminalInput } from './io.ts'

const INTERRUPT = '\x03'
const END = '\x04'
const ERASE_LINE = '\x15'
const BACKSPACES = new Set(['\x7f', '\b'])
const LINE_ENDS = new Set(['\r', '\n'])

/**
 * Asks for a line that is not shown while it is typed. The terminal is as before afterwards, whatever happens.
 *
 * @param input a terminal
 * @throws CertsError when Ctrl-C is pressed or the input ends
 */
export async function askHidden (question: string, input: TerminalInput, output: Writable): Promise<string> {
  // First the mode: what is typed as soon as the question is there must not be shown either.
  input.setRawMode?.(true)
  output.write(question)
  try {
    return await readLine(input)
  } finally {
    input.setRawMode?.(false)
    input.pause()
    output.write('\n')
  }
}

function readLine (input: TerminalInput): Promise<string> {
  return new Promise((resolve, reject) => {
    const decoder = new TextDecoder()
    let typed: string[] = []
    const interrupted = () => finish(() => reject(new CertsError('Interrupted; nothing was changed.')))
    const read = (chunk: Buffer) => {
      const characters = [...decoder.decode(chunk, { stream: true })]
      for (const [index, character] of characters.entries()) {
        if (character === INTERRUPT || character === END) return interrupted()
        if (LINE_ENDS.has(character)) {
          // What was pasted after the line end answers the next question.
          return finish(() => resolve(typed.join('')), characters.slice(index + 1).join(''))
        }
        if (BACKSPACES.has(character)) typed.pop()
        else if (character === ERASE_LINE) typed = []
        else if (character >= ' ') typed.push(character)
      }
    }
    const finish = (settle: () => void, rest = '') => {
      input.off('data', read).off('end', interrupted).off('error', interrupted)
      input.pause()
      if (rest !== '') input.unshift(Buffer.from(rest))
      settle()
    }
    input.on('data', read).once('end', interrupted).once('error', interrupted)
    input.resume()
  })
}

import type { Readable, Writable } from 'node:stream'

/** What a passphrase can be typed into: standard input, when it is a terminal. */
export interface TerminalInput extends Readable {
  isTTY?: boolean
  setRawMode? (mode: boolean): unknown
}

/** What a command has to do with the world outside the store. */
export interface Io {
  env: Record<string, string | undefined>
  input: TerminalInput
  /** where questions are asked: not where the output goes, which may be a pipe */
  prompt: Writable
  /** writes a line of the command's output */
  print (line: string): void
  /** writes a line that is no output: what the user should know besides */
  warn (line: string): void
}

export const processIo: Io = {
  env: process.env,
  input: process.stdin,
  prompt: process.stderr,
  print: (line) => console.log(line),
  warn: (line) => console.error(line)
}

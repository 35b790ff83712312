import { readFileSync } from 'node:fs'
import { CertsError } from './errors.ts'
import type { Io } from './io.ts'
import { shown } from './layout.ts'
import { askHidden } from './terminal.ts'

/** Where a passphrase is looked for, in this order: the file, the variable, the terminal. Never in an argument: those are in `ps`. */
export interface PassphraseSource {
  /** its first line is the passphrase */
  file?: string
  variable: string
  io: Io
}

/** Characters. Longer is better, and up to the user; shorter is guessed whatever the key derivation costs. */
const LEAST = 8
const MOST = 1024

/**
 * A passphrase that opens something.
 *
 * @param what it opens, as the question says
 */
export async function passphraseFor (what: string, source: PassphraseSource): Promise<string> {
  return given(source) ?? await ask(`Passphrase of ${what}: `, source)
}

/**
 * A passphrase that will protect something; asked twice.
 *
 * @throws CertsError when it is short, or the two differ
 */
export async function newPassphraseFor (what: string, source: PassphraseSource): Promise<string> {
  const found = given(source)
  const passphrase = found ?? await ask(`New passphrase for ${what}: `, source)
  if ([...passphrase].length < LEAST) throw new CertsError(`The passphrase for ${what} needs at least ${LEAST} characters.`)
  if (found === undefined && await ask('The same once more: ', source) !== passphrase) {
    throw new CertsError('The two passphrases differ; nothing was changed.')
  }
  return passphrase
}

function given ({ file, variable, io }: PassphraseSource): string | undefined {
  if (file !== undefined) return firstLine(file)
  return io.env[variable] || undefined
}

function firstLine (file: string): string {
  const line = read(file).split(/\r?\n/, 1)[0] ?? ''
  if (line === '' || line.length > MOST) throw new CertsError(`The first line of ${shown(file)} is no passphrase: it takes 1 to ${MOST} characters.`)
  return line
}

function read (file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new CertsError(`Cannot read the passphrase file ${shown(file)} (${(error as NodeJS.ErrnoException).code}).`)
  }
}

async function ask (question: string, { io, variable }: PassphraseSource): Promise<string> {
  if (!io.input.isTTY) {
    throw new CertsError(`A passphrase is needed and there is no terminal to ask for it: use --passphrase-file FILE or the variable ${variable}.`)
  }
  const line = await askHidden(question, io.input, io.prompt)
  if (line === '') throw new CertsError('No passphrase was typed; nothing was changed.')
  return line
}

import { parseArgs } from 'node:util'
import type { ParseArgsConfig } from 'node:util'
import { CertsError } from './errors.ts'

type Options = NonNullable<ParseArgsConfig['options']>
type Values<T extends Options> = ReturnType<typeof parseArgs<{ args: string[], options: T }>>['values']

export const dirOption = { dir: { type: 'string' } } as const
export const passphraseOption = { 'passphrase-file': { type: 'string' } } as const

/** Lines of help that many commands share. */
export const dirHelp = '  --dir DIR               where the files are (default: local/ in the certs package)'
export const passphraseHelp = `  --passphrase-file FILE  its first line is the passphrase of ca.key; without it the variable CERTS_PASSPHRASE, and
                          without that the terminal`
export const rsaHelp = '  --rsa SIZE              an RSA key of 2048, 3072 or 4096 bits instead of ECDSA P-256'
export const helpHelp = '  --help                  print this text'

/**
 * Reads the options of a command that takes no other arguments.
 *
 * @throws CertsError that names the argument which is wrong and says where the right ones stand
 */
export function parseOptions<const T extends Options> (command: string, args: string[], options: T): Values<T> {
  return parse(command, args, options, []).values
}

/**
 * Reads the options of a command and the one argument that it takes.
 *
 * @param argument what the argument is called in the help
 * @throws CertsError as {@link parseOptions} does, also when the argument is missing
 */
export function parseArgument<const T extends Options> (
  command: string, args: string[], argument: string, options: T
): { argument: string, values: Values<T> } {
  const { values, positionals } = parse(command, args, options, [argument])
  if (positionals[0] === undefined) throw new CertsError(`${argument} is missing; see certs ${command} --help.`)
  return { argument: positionals[0], values }
}

/**
 * @param text the option's value, undefined when it was not given
 * @throws CertsError unless the value is a whole number in the range
 */
export function wholeNumber (option: string, text: string | undefined, lowest: number, highest: number): number | undefined {
  if (text === undefined) return undefined
  const number = /^\d{1,9}$/.test(text) ? Number(text) : NaN
  if (number >= lowest && number <= highest) return number
  throw new CertsError(`--${option} takes a whole number from ${lowest} to ${highest}, not '${text}'.`)
}

function parse<const T extends Options> (
  command: string, args: string[], options: T, taken: string[]
): { values: Values<T>, positionals: string[] } {
  try {
    const { values, positionals } = parseArgs({ args, options, allowPositionals: taken.length > 0 })
    for (const [name, value] of Object.entries(values)) {
      if (value === '' || (Array.isArray(value) && value.includes(''))) {
        throw new CertsError(`--${name} must not be empty; see certs ${command} --help.`)
      }
    }
    const extra = positionals[taken.length]
    if (extra !== undefined) throw new CertsError(`Unexpected argument '${extra}'; see certs ${command} --help.`)
    return { values, positionals }
  } catch (error) {
    if (!(error as NodeJS.ErrnoException).code?.startsWith('ERR_PARSE_ARGS')) throw error
    // Node adds hints after the first sentence that do not fit a command without positional arguments.
    const sentence = (error as Error).message.split(/\.\s/)[0]?.replace(/\.$/, '')
    throw new CertsError(`${sentence}; see certs ${command} --help.`)
  }
}

import { parseArgs } from 'node:util'
import type { ParseArgsConfig } from 'node:util'
import { CertsError } from './errors.ts'

type Options = NonNullable<ParseArgsConfig['options']>
type Values<T extends Options> = ReturnType<typeof parseArgs<{ args: string[], options: T }>>['values']

/**
 * Reads the options of a command that takes no other arguments.
 *
 * @throws CertsError that names the argument which is wrong and says where the right ones stand
 */
export function parseOptions<const T extends Options> (command: string, args: string[], options: T): Values<T> {
  try {
    const { values } = parseArgs({ args, options })
    for (const [name, value] of Object.entries(values)) {
      if (value === '') throw new CertsError(`--${name} must not be empty; see certs ${command} --help.`)
    }
    return values
  } catch (error) {
    if (!(error as NodeJS.ErrnoException).code?.startsWith('ERR_PARSE_ARGS')) throw error
    // Node adds hints after the first sentence that do not fit a command without positional arguments.
    const sentence = (error as Error).message.split(/\.\s/)[0]?.replace(/\.$/, '')
    throw new CertsError(`${sentence}; see certs ${command} --help.`)
  }
}

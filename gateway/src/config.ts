import { readFileSync } from 'node:fs'
import { parseEnv } from 'node:util'
import { envSchema } from 'env-schema'
import { foreignNames, settings } from './config/settings.ts'
import type { Config, Setting } from './config/settings.ts'
import { MistakesError } from './mistakes.ts'
import { nearMisses } from './config/near-misses.ts'

export type { Config } from './config/settings.ts'

/** The variables the process was given: the environment's over those of a `.env` file in the working folder. */
export function readEnvironment (file = '.env'): Record<string, string | undefined> {
  let fromFile: Record<string, string | undefined> = {}
  try {
    fromFile = parseEnv(readFileSync(file, 'utf8'))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
      throw new MistakesError([`${file} cannot be read (${(error as NodeJS.ErrnoException).code}).`])
    }
  }
  const given = Object.entries(process.env).filter(([, value]) => value !== '')
  return { ...fromFile, ...Object.fromEntries(given) }
}

/**
 * The configuration that an environment gives.
 * @returns the parsed settings, and a warning for each name that is almost that of a setting
 * @throws {MistakesError} with every mistake, when there is one
 */
export function loadConfig (environment = readEnvironment()): { config: Config, warnings: string[] } {
  const mistakes: string[] = []
  let config = {} as Config
  try {
    const ajv = { customOptions: addSetting(mistakes) as never }
    config = envSchema({ schema: schema(), data: environment, env: false, ajv }) as Config
  } catch (error) {
    if (mistakes.length === 0) throw error
  }
  if (mistakes.length === 0) mistakes.push(...contradictions(config))
  if (mistakes.length > 0) throw new MistakesError(mistakes)
  const misspelt = nearMisses(Object.keys(environment), [...Object.keys(settings), ...foreignNames])
  return { config, warnings: misspelt.map(({ name, meant }) => `${name} is not a setting. Was ${meant} meant?`) }
}

function schema (): Record<string, unknown> {
  const properties = Object.entries(settings).map(([name, { default: fallback = '' }]) =>
    [name, { type: 'string', default: fallback, setting: name }])
  return { type: 'object', properties: Object.fromEntries(properties) }
}

/** As much of env-schema's own Ajv as is used here; its types are not exported. */
interface SettingAjv { addKeyword: (definition: Record<string, unknown>) => unknown }
interface Parent { parentData: Record<string, unknown>, parentDataProperty: string }

/** Teaches ajv the keyword `setting`: parse the text as that setting's kind, or note what is wrong with it. */
function addSetting (mistakes: string[]) {
  const compile = (name: keyof typeof settings) => {
    const { kind, default: fallback, secret } = settings[name] as Setting<unknown>
    return (given: string, { parentData, parentDataProperty }: Parent): boolean => {
      const text = given === '' ? fallback : given
      const value = text === undefined ? undefined : kind.parse(text)
      parentData[parentDataProperty] = value
      if (text === undefined || value !== undefined) return true
      mistakes.push(`${name} is ${secret === true ? '(not shown)' : JSON.stringify(text)}. It takes ${kind.takes}.`)
      return false
    }
  }
  return (ajv: SettingAjv) => ajv.addKeyword({ keyword: 'setting', modifying: true, errors: false, compile })
}

/** What is wrong only in combination. */
function contradictions (config: Config): string[] {
  const mistakes: string[] = []
  const { HTTP_PORT, HTTPS_PORT, DRAIN_DELAY_MS, SHUTDOWN_TIMEOUT_MS, HEADERS_TIMEOUT_MS, REQUEST_TIMEOUT_MS } = config
  if (HTTP_PORT !== 'off' && HTTP_PORT !== 0 && HTTP_PORT === HTTPS_PORT) {
    mistakes.push(`HTTP_PORT and HTTPS_PORT are both ${HTTP_PORT}. Each takes a port of its own.`)
  }
  if (config.CLIENT_AUTH !== 'off' && config.CLIENT_CA_FILE === undefined) {
    mistakes.push(`CLIENT_AUTH is ${config.CLIENT_AUTH}. It takes CLIENT_CA_FILE: whose certificates are to be believed.`)
  }
  if (DRAIN_DELAY_MS >= SHUTDOWN_TIMEOUT_MS) {
    mistakes.push(`DRAIN_DELAY_MS is ${DRAIN_DELAY_MS}. It takes less than SHUTDOWN_TIMEOUT_MS (${SHUTDOWN_TIMEOUT_MS}).`)
  }
  if (HEADERS_TIMEOUT_MS > REQUEST_TIMEOUT_MS) {
    mistakes.push(`HEADERS_TIMEOUT_MS is ${HEADERS_TIMEOUT_MS}. It takes at most REQUEST_TIMEOUT_MS (${REQUEST_TIMEOUT_MS}).`)
  }
  return mistakes
}

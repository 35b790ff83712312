import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseEnv } from 'node:util'
import type { Ajv, ErrorObject } from 'ajv'
import { envSchema } from 'env-schema'
import Type, { type Static } from 'typebox'
import { ConfigError } from './errors.ts'
import { isCollector, readHeaders } from './otlp-settings.ts'
import { quoteSetting } from './quote.ts'
import { misspeltSettings } from './setting-names.ts'

const whole = /^\d+$/
const longestTimer = 2 ** 31 - 1
const mostRows = 1_000_000

// Everything is text until it has been checked: coercion to numbers would refuse an empty value and read 0x10 as 16.
const formats = {
  host: /^[A-Za-z0-9.:_%-]+$/,
  port: (text: string) => whole.test(text) && Number(text) <= 65535,
  milliseconds: (text: string) => whole.test(text) && Number(text) <= longestTimer,
  rows: (text: string) => whole.test(text) && Number(text) >= 1 && Number(text) <= mostRows,
  collector: isCollector,
  headers: (text: string) => readHeaders(text) !== undefined
}
const host = (fallback: string) => text('host', fallback, 'an address or a host name')
const port = (fallback: number) => text('port', String(fallback), 'a whole number from 0 to 65535')
const milliseconds = (fallback: number) =>
  text('milliseconds', String(fallback), `a whole number of milliseconds from 0 to ${longestTimer}`)
const rows = (fallback: number) => text('rows', String(fallback), `a whole number of rows from 1 to ${mostRows}`)
const oneOf = <const T extends string[]>(choices: [...T], fallback: T[number]) =>
  Type.Enum(choices, { default: fallback, description: `one of ${choices.join(', ')}` })

function addFormats (ajv: Ajv): Ajv {
  for (const [name, format] of Object.entries(formats)) ajv.addFormat(name, format)
  return ajv
}

function text (format: keyof typeof formats, fallback: string, description: string) {
  return Type.String({ format, default: fallback, description })
}

/** No part of it is shown, whatever it looks like. */
function secret (format: keyof typeof formats, description: string) {
  return Type.Optional(Type.String({ format, description, writeOnly: true }))
}

const EnvironmentSchema = Type.Object({
  PREDICTOR_HOST: host('127.0.0.1'),
  PREDICTOR_PORT: port(8000),
  PREDICTOR_ADMIN_HOST: host('127.0.0.1'),
  PREDICTOR_ADMIN_PORT: port(9091),
  MODEL_DIR: Type.Optional(Type.String()),
  TFJS_BACKEND: oneOf(['auto', 'tensorflow', 'wasm', 'cpu'], 'auto'),
  BATCH_MAX: rows(256),
  BATCH_QUEUE_MAX: rows(2048),
  BATCH_ROWS_MAX: rows(10000),
  OTEL_EXPORTER_OTLP_ENDPOINT: secret('collector', 'an address such as http://collector:4318'),
  OTEL_EXPORTER_OTLP_HEADERS: secret('headers', 'headers such as authorization=Bearer%20abc,x-tenant=1'),
  LOG_LEVEL: oneOf(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'], 'info'),
  DRAIN_DELAY_MS: milliseconds(0),
  SHUTDOWN_TIMEOUT_MS: milliseconds(35000)
})

/** The checked settings. Times in milliseconds; port 0 asks for a free one. */
export type Config = ReturnType<typeof toConfig>

/**
 * Reads the environment, and under it the `.env` file of the working directory.
 * @returns the settings, and sentences about names that are almost a setting's
 * @throws ConfigError which tells every mistake: name, what it got, what it takes
 */
export function readConfig (): { config: Config, warnings: string[] } {
  quietenNativeLibrary()
  // Not env-schema's own dotenv option: it would keep an empty value instead of falling through, and hide the names.
  const given = { ...withoutEmpty(readDotenv()), ...withoutEmpty(process.env) }
  try {
    const environment = envSchema<Static<typeof EnvironmentSchema>>({
      schema: { ...EnvironmentSchema },
      env: false,
      data: given,
      ajv: { customOptions: addFormats }
    })
    return { config: toConfig(environment), warnings: misspeltSettings(Object.keys(given)) }
  } catch (error) {
    const mistakes = (error as { errors?: ErrorObject[] }).errors
    if (mistakes === undefined) throw error
    throw new ConfigError(mistakes.map(({ instancePath }) => mistakeSentence(instancePath.slice(1), given)).join('; '))
  }
}

function toConfig (environment: Static<typeof EnvironmentSchema>) {
  return {
    host: environment.PREDICTOR_HOST,
    port: Number(environment.PREDICTOR_PORT),
    adminHost: environment.PREDICTOR_ADMIN_HOST,
    adminPort: Number(environment.PREDICTOR_ADMIN_PORT),
    modelDir: resolve(environment.MODEL_DIR ?? shippedModel()),
    backend: environment.TFJS_BACKEND,
    batches: {
      executionMax: Number(environment.BATCH_MAX),
      queueMax: Number(environment.BATCH_QUEUE_MAX),
      rowsMax: Number(environment.BATCH_ROWS_MAX)
    },
    collector: toCollector(environment),
    logLevel: environment.LOG_LEVEL,
    drainDelay: Number(environment.DRAIN_DELAY_MS),
    shutdownTimeout: Number(environment.SHUTDOWN_TIMEOUT_MS)
  }
}

function toCollector ({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_EXPORTER_OTLP_HEADERS: headers }: Static<typeof EnvironmentSchema>) {
  return endpoint === undefined ? undefined : { endpoint, headers: readHeaders(headers ?? '') ?? {} }
}

function mistakeSentence (name: string, given: Record<string, string>): string {
  const { description, writeOnly } = EnvironmentSchema.properties[name as 'PREDICTOR_HOST'] as { description?: string, writeOnly?: boolean }
  const got = writeOnly === true ? `a value of ${given[name]!.length} characters, not shown` : quoteSetting(given[name]!)
  return `${name} must be ${description}; got ${got}`
}

function readDotenv (): NodeJS.Dict<string> {
  try {
    return parseEnv(readFileSync('.env', 'utf8'))
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return {}
    throw new ConfigError(`the .env file in the working directory cannot be read (${code})`)
  }
}

function withoutEmpty (variables: NodeJS.Dict<string>): Record<string, string> {
  return Object.fromEntries(Object.entries(variables).filter((entry): entry is [string, string] => Boolean(entry[1])))
}

/** The artifact beside the bundle in a build, in the workspace the one that the model package exports. */
function shippedModel (): string {
  const beside = fileURLToPath(new URL('./artifact/iris', import.meta.url))
  if (existsSync(beside)) return beside
  return join(dirname(createRequire(import.meta.url).resolve('@model-edge/model/package.json')), 'artifact/iris')
}

/** libtensorflow prints its build's instruction set on stderr; only warnings and errors are wanted there. */
export function quietenNativeLibrary (): void {
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '1'
}

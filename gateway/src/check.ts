import { request } from 'undici'
import { loadConfig, readEnvironment } from './config.ts'
import type { Config } from './config.ts'
import { settings } from './config/settings.ts'
import { MistakesError } from './mistakes.ts'
import { loadCredentials } from './tls/credentials.ts'
import { chooseHttp2 } from './tls/http2-support.ts'

const answerWithin = 2000

/**
 * What `--check` says: everything that is wrong with configuration and certificates at once, or what would run. An upstream
 * that does not answer is told but is no mistake: it may be started after the gateway.
 * @throws {MistakesError} with every mistake
 */
export async function check (): Promise<string[]> {
  const environment = readEnvironment()
  const mistakes: string[] = []
  const { config, warnings } = collect(mistakes, () => loadConfig(environment)) ?? {}
  const file = (name: 'TLS_CERT_FILE' | 'TLS_KEY_FILE') => environment[name] || settings[name].default!
  const credentials = collect(mistakes, () => loadCredentials(file('TLS_CERT_FILE'), file('TLS_KEY_FILE')))
  if (config === undefined || warnings === undefined || credentials === undefined) throw new MistakesError(mistakes)
  const { http2, why } = chooseHttp2(config.HTTP2)
  return [
    ...warnings,
    `The certificate is valid until ${credentials.expires.toISOString()}.`,
    why ?? `HTTP/2 is ${http2 ? 'on' : 'off'}.`,
    ...await Promise.all(config.PREDICTOR_URL.map((origin) => upstream(origin, config))),
    'The configuration and the certificates are right.'
  ]
}

function collect<T> (mistakes: string[], attempt: () => T): T | undefined {
  try {
    return attempt()
  } catch (error) {
    if (!(error instanceof MistakesError)) throw error
    mistakes.push(...error.mistakes)
    return undefined
  }
}

async function upstream (origin: string, { UPSTREAM_HEALTH_PATH }: Config): Promise<string> {
  const url = `${origin}${UPSTREAM_HEALTH_PATH}`
  try {
    const { statusCode, body } = await request(url, { signal: AbortSignal.timeout(answerWithin) })
    await body.dump()
    return statusCode >= 200 && statusCode <= 299
      ? `The upstream ${origin} is ready.`
      : `The upstream ${origin} is not ready: ${UPSTREAM_HEALTH_PATH} answers ${statusCode}.`
  } catch (error) {
    const { code, name } = error as NodeJS.ErrnoException
    return `The upstream ${origin} does not answer (${code ?? name}).`
  }
}

import { request } from 'undici'
import { loadConfig, readEnvironment } from './config.ts'
import type { Config } from './config.ts'
import { settings } from './config/settings.ts'
import { collectMistakes, MistakesError } from './mistakes.ts'
import { chooseHttp2 } from './tls/http2-support.ts'
import { loadTlsMaterial } from './tls/material.ts'

const answerWithin = 2000

/**
 * What `--check` says: everything that is wrong with configuration and certificates at once, or what would run. An upstream
 * that does not answer is told but is no mistake: it may be started after the gateway.
 * @throws {MistakesError} with every mistake
 */
export async function check (): Promise<string[]> {
  const environment = readEnvironment()
  const mistakes: string[] = []
  const { config, warnings = [] } = await collectMistakes(mistakes, () => loadConfig(environment)) ?? {}
  const material = await collectMistakes(mistakes, () => loadTlsMaterial(config ?? filesOf(environment)))
  if (config === undefined || material === undefined) throw new MistakesError(mistakes)
  const { http2, why } = chooseHttp2(config.HTTP2)
  return [
    ...warnings,
    `The certificate is valid until ${material.credentials.expires.toISOString()}.`,
    why ?? `HTTP/2 is ${http2 ? 'on' : 'off'}.`,
    ...await Promise.all(config.PREDICTOR_URL.map((origin) => upstream(origin, config))),
    'The configuration and the certificates are right.'
  ]
}

/** Where the certificates are, as far as can be told from settings of which some are wrong. */
function filesOf (environment: Record<string, string | undefined>): Parameters<typeof loadTlsMaterial>[0] {
  return {
    TLS_CERT_FILE: environment.TLS_CERT_FILE || settings.TLS_CERT_FILE.default!,
    TLS_KEY_FILE: environment.TLS_KEY_FILE || settings.TLS_KEY_FILE.default!,
    CLIENT_AUTH: environment.CLIENT_CA_FILE ? 'optional' : 'off',
    CLIENT_CA_FILE: environment.CLIENT_CA_FILE,
    CLIENT_CRL_FILE: environment.CLIENT_CRL_FILE || undefined
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

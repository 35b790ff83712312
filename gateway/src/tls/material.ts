import type { Server } from 'node:tls'
import type { FastifyBaseLogger } from 'fastify'
import type { Config } from '../config.ts'
import { collectMistakes, MistakesError } from '../mistakes.ts'
import { loadClientAuthority } from './client-authority.ts'
import type { ClientAuthority } from './client-authority.ts'
import { loadCredentials } from './credentials.ts'
import type { Credentials } from './credentials.ts'
import { CredentialsWatch } from './reload.ts'
import { secureContext } from './server.ts'
import { WatchedFiles } from './watched-files.ts'

/** What a handshake is made with. */
export interface TlsMaterial {
  credentials: Credentials
  /** Whose client certificates are believed, where they are asked for. */
  authority: ClientAuthority | undefined
}

type Files = Pick<Config, 'TLS_CERT_FILE' | 'TLS_KEY_FILE' | 'CLIENT_AUTH' | 'CLIENT_CA_FILE' | 'CLIENT_CRL_FILE'>

/**
 * Reads and checks everything that handshakes need.
 * @throws {MistakesError} with all that is wrong with any of it
 */
export async function loadTlsMaterial (files: Files): Promise<TlsMaterial> {
  const mistakes: string[] = []
  const credentials = await collectMistakes(mistakes, () => loadCredentials(files.TLS_CERT_FILE, files.TLS_KEY_FILE))
  const authority = await collectMistakes(mistakes, () => loadAuthority(files))
  if (credentials === undefined || mistakes.length > 0) throw new MistakesError(mistakes)
  return { credentials, authority }
}

async function loadAuthority ({ CLIENT_AUTH, CLIENT_CA_FILE, CLIENT_CRL_FILE }: Files): Promise<ClientAuthority | undefined> {
  return CLIENT_AUTH === 'off' ? undefined : loadClientAuthority(CLIENT_CA_FILE!, CLIENT_CRL_FILE)
}

/** The material in use, replaced as its files are; connections that are open go on. */
export class LiveTlsMaterial {
  readonly #config: Config
  readonly #watches: { close: () => void }[]
  #current: TlsMaterial
  #server: Server | undefined

  constructor (config: Config, material: TlsMaterial, logger: FastifyBaseLogger) {
    this.#config = config
    this.#current = material
    this.#watches = [new CredentialsWatch({
      certFile: config.TLS_CERT_FILE,
      keyFile: config.TLS_KEY_FILE,
      current: material.credentials,
      logger,
      use: (credentials) => this.#use({ credentials })
    })]
    const { CLIENT_AUTH, CLIENT_CA_FILE, CLIENT_CRL_FILE } = config
    if (CLIENT_AUTH === 'off') return
    this.#watches.push(new WatchedFiles({
      what: 'client authority',
      files: [CLIENT_CA_FILE!, ...(CLIENT_CRL_FILE === undefined ? [] : [CLIENT_CRL_FILE])],
      load: () => loadClientAuthority(CLIENT_CA_FILE!, CLIENT_CRL_FILE),
      use: (authority) => {
        const isNew = !authority.equals(this.#current.authority!)
        if (isNew) this.#use({ authority })
        return isNew
      },
      logger
    }))
  }

  get current (): TlsMaterial {
    return this.#current
  }

  /** The server whose new connections get the material. */
  serve (server: Server): void {
    this.#server = server
  }

  close (): void {
    for (const watch of this.#watches) watch.close()
  }

  #use (replaced: Partial<TlsMaterial>): void {
    this.#current = { ...this.#current, ...replaced }
    this.#server?.setSecureContext(secureContext(this.#config, this.#current))
  }
}

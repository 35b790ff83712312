import { existsSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { CertsError } from './errors.ts'

/** What a certificate is for. */
export type Kind = 'client' | 'server'

/** Where what belongs to one name is stored. Paths are absolute. */
export interface Place {
  name: string
  kind: Kind
  folder: string
  certificate: string
  key: string
  request: string
  bundle: string
}

/** Folders of a store, besides itself. In `issued` lies every certificate that was signed, as NAME.SERIAL.crt. */
export const folders = { client: 'clients', server: 'servers', issued: 'issued' } as const

const defaultDirectory = fileURLToPath(new URL('../local', import.meta.url))

/** @returns the store's absolute path, of the option or the default one */
export function storeOf (dir: string | undefined): string {
  return resolve(dir ?? defaultDirectory)
}

/** The server named `server` lies beside the authority, where `dev` makes it and the gateway looks for it. */
export function placeOf (directory: string, kind: Kind, name: string): Place {
  const folder = kind === 'server' && name === 'server' ? directory : join(directory, folders[kind])
  const path = (extension: string) => join(folder, `${name}.${extension}`)
  return { name, kind, folder, certificate: path('crt'), key: path('key'), request: path('csr'), bundle: path('p12') }
}

/**
 * The place of a name that is in the store.
 *
 * @throws CertsError when there is no certificate of that name
 */
export function findPlace (directory: string, name: string): Place {
  const place = (['client', 'server'] as const).map((kind) => placeOf(directory, kind, name))
    .find(({ certificate }) => existsSync(certificate))
  if (place) return place
  throw new CertsError(`There is no certificate of the name '${name}' in ${shown(directory)}; certs list shows those that are.`)
}

/** @throws CertsError when the name is one of the other kind's: a name is one certificate, whatever its kind */
export function checkNotOther (directory: string, { kind, name }: Place): void {
  const other = kind === 'client' ? 'server' : 'client'
  const { certificate, key } = placeOf(directory, other, name)
  if (existsSync(certificate) || existsSync(key)) throw new CertsError(`The name '${name}' is a ${other}'s already: choose another one.`)
}

/** The way from the working folder where that is shorter. */
export function shown (path: string): string {
  const way = relative(process.cwd(), path)
  return way.length > 0 && way.length < path.length ? way : path
}

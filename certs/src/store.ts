import { randomBytes } from 'node:crypto'
import {
  chmodSync, closeSync, fsyncSync, mkdirSync, openSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { CertsError } from './errors.ts'
import { folders } from './layout.ts'

/** A key and its certificate as PEM, to be stored as `NAME.key` and `NAME.crt`. */
export interface PairText {
  /** left out when the stored key stays */
  key?: string
  certificate: string
}

/** What else than pairs a folder of ours may hold. */
const OTHERS: string[] = [...Object.values(folders), 'ca.crl']

const TEMPORARY = /^\..+\.[0-9a-f]{12}\.tmp$/

/**
 * Makes the folder, for its owner alone.
 *
 * @param names the pairs that live in it
 * @throws CertsError when the folder holds other things and none of the pairs: taking the group's and everybody's access
 * to such a folder away would break what it is for
 */
export function prepareFolder (directory: string, names: string[]): void {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const entries = readdirSync(directory).filter((entry) => !entry.startsWith('.'))
  const ours = [...fileNames(names), ...OTHERS]
  if (entries.length > 0 && !entries.some((entry) => ours.includes(entry))) {
    throw new CertsError(`${directory} holds other files and no certificates of ours: choose a new or an empty folder.`)
  }
}

/** @returns the file's text, or undefined when there is no such file */
export function readIfThere (path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/**
 * Stores a pair so that no moment shows a key beside a certificate of another key, and no file half written. With the key
 * staying, one rename does it. With a new key the old certificate goes first: a missing file is told by its name, while a
 * mismatching one looks right until the first handshake.
 */
export function writePair (directory: string, name: string, pair: PairText): void {
  const certificate = join(directory, `${name}.crt`)
  withStage((stage) => {
    const newCertificate = stage(certificate, pair.certificate)
    if (pair.key !== undefined) {
      const key = join(directory, `${name}.key`)
      const newKey = stage(key, pair.key)
      rmSync(certificate, { force: true })
      renameSync(newKey, key)
    }
    renameSync(newCertificate, certificate)
  })
}

/** Stores a file so that it is there whole or not at all, for its owner alone. */
export function writeWhole (path: string, content: string | Buffer): void {
  withStage((stage) => renameSync(stage(path, content), path))
}

/** Removes what an interrupted run left half written; it may be a key. Only for who holds the folder's lock. */
export function sweep (directory: string): void {
  for (const entry of readdirSync(directory)) {
    if (TEMPORARY.test(entry)) rmSync(join(directory, entry), { force: true })
  }
}

/** @returns the paths that others than their owner have access to, the folder's own included; none on Windows */
export function looseModes (directory: string, names: string[]): string[] {
  if (process.platform === 'win32') return []
  return [directory, ...fileNames(names).map((file) => join(directory, file))].filter((path) => {
    const found = statSync(path, { throwIfNoEntry: false })
    return found !== undefined && (found.mode & 0o077) !== 0
  })
}

/** Takes the access of others away from what {@link looseModes} found. */
export function tighten (paths: string[]): void {
  for (const path of paths) chmodSync(path, statSync(path).isDirectory() ? 0o700 : 0o600)
}

/** Lets `work` write files beside their final places; what it has not renamed afterwards is removed. */
function withStage (work: (stage: (path: string, content: string | Buffer) => string) => void): void {
  const staged: string[] = []
  try {
    work((path, content) => {
      const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`)
      staged.push(temporary)
      writeDurably(temporary, content)
      return temporary
    })
  } finally {
    for (const path of staged) rmSync(path, { force: true })
  }
}

function fileNames (names: string[]): string[] {
  return names.flatMap((name) => [`${name}.crt`, `${name}.key`])
}

/** On the disk before the rename makes it visible: otherwise a power cut can leave a name with nothing behind it. */
function writeDurably (path: string, content: string | Buffer): void {
  const file = openSync(path, 'wx', 0o600)
  try {
    writeFileSync(file, content)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

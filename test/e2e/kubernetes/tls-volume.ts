import { chmodSync, chownSync, copyFileSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import type { Scope } from '../process.ts'
import { temporaryFolder } from '../stack.ts'

// As fsGroup of the manifests: the gateway's user reads the files as one of the group.
const group = 10001

/**
 * A Secret's volume as the kubelet makes and renews it: the files are links through `..data`, a link to a folder with the
 * time as its name, and all that is ever replaced is that link.
 */
export class TlsVolume {
  readonly folder: string
  #version = 0

  /** @param store a folder of `certs`, with server.crt and server.key */
  constructor (t: Scope, store: string) {
    this.folder = temporaryFolder(t)
    own(this.folder, 0o750)
    this.renew(store)
    for (const file of ['tls.crt', 'tls.key']) symlinkSync(`..data/${file}`, join(this.folder, file))
  }

  /** Puts what is in the store now in the place of what was. */
  renew (store: string): void {
    const version = `..version_${++this.#version}`
    const folder = join(this.folder, version)
    mkdirSync(folder)
    for (const [file, source] of [['tls.crt', 'server.crt'], ['tls.key', 'server.key']] as const) {
      copyFileSync(join(store, source), join(folder, file))
      own(join(folder, file), 0o440)
    }
    own(folder, 0o750)
    symlinkSync(version, join(this.folder, '..data_tmp'))
    renameSync(join(this.folder, '..data_tmp'), join(this.folder, '..data'))
    for (const old of readdirSync(this.folder)) {
      if (old.startsWith('..version_') && old !== version) rmSync(join(this.folder, old), { recursive: true })
    }
  }
}

function own (path: string, mode: number): void {
  chownSync(path, 0, group)
  chmodSync(path, mode)
}

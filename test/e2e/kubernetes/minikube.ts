import { chmodSync, cpSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fromSource, root, run, runToEnd } from '../process.ts'
import type { Scope } from '../process.ts'
import { freePorts, temporaryFolder } from '../stack.ts'

/** What the stand-ins answer, keep, and have seen. */
export interface State {
  minikube: string
  kubectl: number
  host: string
  ip: string
  nodePort: number
  forwardedPort: number
  ingress?: { ip: string }[]
  applied: boolean
  images: Record<string, string>
  /** The id of the next image of a service. */
  ids: Record<string, string>
  brokenBuild?: string
  /** Commands that fail, by a part of their line, and with which words. */
  fails: Record<string, string>
  /** The files that a service's image was built from. */
  contexts: Record<string, string[]>
}

const fresh: State = {
  minikube: 'v1.37.0',
  kubectl: 36,
  host: 'Running',
  ip: '127.0.0.2',
  nodePort: 1,
  forwardedPort: 1,
  applied: false,
  images: {},
  ids: { gateway: 'sha256:a', predictor: 'sha256:b' },
  fails: {},
  contexts: {}
}

/** A copy of the project of one's own, and minikube and kubectl that stand in for the real ones. */
export class Workplace {
  readonly tree: string
  readonly store: string
  readonly #t: Scope
  readonly #bin: string

  constructor (t: Scope, state: Partial<State> = {}) {
    this.#t = t
    this.tree = temporaryFolder(t)
    this.store = join(this.tree, 'certs/local')
    this.#bin = temporaryFolder(t)
    const parts = ['deploy', 'certs', 'gateway', 'predictor', 'model', '.dockerignore', 'package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml', 'tsconfig.base.json']
    for (const part of parts) {
      cpSync(join(root, part), join(this.tree, part), { recursive: true, filter: (path) => !/\/(node_modules|dist|local|test|report)$/.test(path) })
    }
    cpSync(join(root, 'deploy/local'), join(this.tree, 'deploy/local'), { recursive: true })
    for (const folder of ['.', 'certs', 'deploy']) symlinkSync(join(root, folder, 'node_modules'), join(this.tree, folder, 'node_modules'))
    for (const program of ['minikube', 'kubectl']) this.#standIn(program)
    this.#write({ ...fresh, ...state })
  }

  get state (): State {
    return JSON.parse(readFileSync(join(this.#bin, 'state.json'), 'utf8')) as State
  }

  set (state: Partial<State>): void {
    this.#write({ ...this.state, ...state })
  }

  /** `pnpm minikube`, to its end; @returns also how the programs were called in that run */
  async minikube (args: string[] = [], path = `${this.#bin}:${process.env.PATH}`) {
    const log = join(this.#bin, 'calls.log')
    writeFileSync(log, '')
    const running = run(this.#t, fromSource('deploy/minikube.ts', ...args), { PATH: path }, this.tree)
    const code = await running.ended
    return { code, output: running.output(), calls: readFileSync(log, 'utf8').trimEnd().split('\n') }
  }

  /** A folder with one of the two programs alone. */
  only (program: string): string {
    const folder = temporaryFolder(this.#t)
    symlinkSync(join(this.#bin, program), join(folder, program))
    return folder
  }

  /** Both services as the cluster would run them, with the tree's certificate, on the stand-in's address. */
  async startServices (host: string): Promise<number> {
    const { code, output } = await runToEnd(this.#t, fromSource('certs/src/cli.ts', 'dev', '--dir', this.store))
    if (code !== 0) throw new Error(output)
    const files = { TLS_CERT_FILE: join(this.store, 'server.crt'), TLS_KEY_FILE: join(this.store, 'server.key') }
    const local = run(this.#t, fromSource('deploy/local.ts', 'dev'), { ...freePorts, ...files, GATEWAY_HOST: host })
    const [, line] = await local.said(/^gateway {3}\| (\{.*"msg":"listening".*\})$/m)
    await local.said(/^ {2}Ready: /m)
    return Number(new URL(JSON.parse(line!).url).port)
  }

  #write (state: State): void {
    writeFileSync(join(this.#bin, 'state.json'), JSON.stringify(state))
  }

  #standIn (program: string): void {
    const file = join(this.#bin, program)
    // Not a link: the program finds its state beside the name that it was called by.
    writeFileSync(file, `#!${process.execPath}\nimport(${JSON.stringify(join(root, 'test/e2e/kubernetes/stand-in.js'))})\n`)
    chmodSync(file, 0o755)
  }
}

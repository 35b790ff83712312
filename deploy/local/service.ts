import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { prettyFactory } from 'pino-pretty'

type Addresses = Record<string, string>

const colours: Record<string, number> = { gateway: 36, predictor: 35 }
const pretty = prettyFactory({ colorize: true, ignore: 'pid,hostname,service', translateTime: 'HH:MM:ss.l', singleLine: true })

/** One service as a child process: its output prefixed, its life followed. */
export class Service {
  /** Called with how it ended, when nobody asked it to. */
  onEnd: (how: string) => void = () => {}
  readonly #name: string
  readonly #command: string[]
  readonly #env: NodeJS.ProcessEnv
  #child: ChildProcess | undefined
  #restarting: Promise<void> | undefined
  #changedAgain = false

  constructor (name: string, command: string[], env: NodeJS.ProcessEnv) {
    this.#name = name
    this.#command = command
    this.#env = env
  }

  /** Starts it; resolves with its addresses when it listens, never when it ends before that. */
  async start (): Promise<Addresses> {
    const child = this.#spawn()
    child.once('exit', (code, signal) => this.#ended(child, code, signal))
    const [message] = await once(child, 'message') as [{ event: 'listening' } & Addresses]
    this.#keepPorts(message)
    return message
  }

  /** Ends it in order and starts it anew, on the same ports. One that doesn't come up waits for the next change. */
  async restart (): Promise<void> {
    if (this.#restarting !== undefined) {
      this.#changedAgain = true
      return
    }
    this.#restarting = this.#replace()
    await this.#restarting
    this.#restarting = undefined
    if (!this.#changedAgain) return
    this.#changedAgain = false
    await this.restart()
  }

  /** Asks it to end; resolves with its exit code when it has. */
  async stop (): Promise<number> {
    const child = this.#child
    if (child === undefined) return 0
    if (child.exitCode === null && child.signalCode === null) {
      const exit = once(child, 'exit')
      child.kill('SIGTERM')
      await exit
    }
    return child.exitCode ?? 1
  }

  kill (): void {
    this.#child?.kill('SIGKILL')
  }

  async #replace (): Promise<void> {
    const old = this.#child!
    old.removeAllListeners('exit')
    await this.stop()
    this.#print(`${this.#name} changed: starting it again`)
    const child = this.#spawn()
    const failed = once(child, 'exit').then(() => 'failed' as const)
    const listening = once(child, 'message').then(() => 'listening' as const)
    if (await Promise.race([failed, listening]) === 'listening') {
      child.once('exit', (code, signal) => this.#ended(child, code, signal))
    } else {
      this.#print(`${this.#name} did not start; it is started again at the next change`)
    }
  }

  #spawn (): ChildProcess {
    const child = spawn(process.execPath, this.#command, {
      env: { ...process.env, ...this.#env },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      // A group of its own: Ctrl-C reaches only this process, which then ends the services in order. The IPC channel
      // tells a service when this process is gone, whichever way it went.
      detached: true
    })
    for (const stream of [child.stdout!, child.stderr!]) {
      createInterface(stream).on('line', (line) => this.#print(line))
    }
    this.#child = child
    return child
  }

  #ended (child: ChildProcess, code: number | null, signal: NodeJS.Signals | null): void {
    if (child === this.#child) this.onEnd(signal === null ? `ended with exit code ${code}` : `was ended by ${signal}`)
  }

  /** A port that was asked for as 0 stays what it became, so that a restart does not move it. */
  #keepPorts (addresses: Addresses): void {
    const variables: Record<string, Record<string, string>> = {
      gateway: { HTTPS_PORT: 'url', HTTP_PORT: 'redirectUrl', GATEWAY_ADMIN_PORT: 'adminUrl' },
      predictor: { PREDICTOR_PORT: 'url', PREDICTOR_ADMIN_PORT: 'adminUrl' }
    }
    for (const [variable, address] of Object.entries(variables[this.#name] ?? {})) {
      const url = addresses[address]
      if (url !== undefined) this.#env[variable] = new URL(url).port || (url.startsWith('https:') ? '443' : '80')
    }
  }

  #print (line: string): void {
    const { isTTY } = process.stdout
    const label = this.#name.padEnd(9)
    const prefix = isTTY ? `\x1b[${colours[this.#name]}m${label} |\x1b[0m` : `${label} |`
    process.stdout.write(`${prefix} ${isTTY && line.startsWith('{') ? pretty(line).trimEnd() : line}\n`)
  }
}

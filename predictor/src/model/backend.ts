import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import util from 'node:util'
import { enableProdMode, setBackend } from '@tensorflow/tfjs-core'
import { StartError } from '../errors.ts'

/** Where tensors are computed: libtensorflow, WebAssembly, plain JavaScript. */
export type BackendName = 'tensorflow' | 'wasm' | 'cpu'

/** The backend that computes, and why each one tried before it did not. */
export interface Backend { readonly name: BackendName, readonly passedOver: readonly string[] }

/** Imports a backend's package, which registers the backend with tfjs. */
export type Registrations = Readonly<Record<BackendName, () => Promise<void>>>

const registrations: Registrations = {
  tensorflow: registerNative,
  wasm: registerWasm,
  cpu: async () => { await import('@tensorflow/tfjs-backend-cpu') }
}

/**
 * Starts the wanted backend; `auto` takes the first that works of native, wasm and cpu.
 * @throws StartError when the wanted one, or every one, is unavailable
 */
export async function startBackend (wanted: 'auto' | BackendName, register = registrations): Promise<Backend> {
  // Also silences the banner that the cpu backend prints on stderr.
  enableProdMode()
  const order: BackendName[] = wanted === 'auto' ? ['tensorflow', 'wasm', 'cpu'] : [wanted]
  const passedOver: string[] = []
  for (const name of order) {
    const problem = await problemWith(name, register)
    if (problem === undefined) return { name, passedOver }
    passedOver.push(`${name}: ${problem}`)
  }
  throw new StartError(`TFJS_BACKEND=${wanted} is not available here (${passedOver.join('; ')})`)
}

async function problemWith (name: BackendName, register: Registrations): Promise<string | undefined> {
  const before = crashListeners()
  try {
    await register[name]()
    return await setBackend(name) ? undefined : 'it did not initialise'
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    return code === 'MODULE_NOT_FOUND' || code === 'ERR_MODULE_NOT_FOUND' ? 'it is not installed' : message.split('\n', 1)[0]!.trim()
  } finally {
    // Emscripten's runtime rethrows uncaught errors from listeners of its own: the process would end before it drains.
    for (const [event, listener] of crashListeners()) {
      if (!before.some(([, known]) => known === listener)) process.removeListener(event, listener)
    }
  }
}

function crashListeners () {
  return ['uncaughtException', 'unhandledRejection']
    .flatMap((event) => process.listeners(event as 'SIGINT').map((listener) => [event, listener] as const))
}

async function registerNative (): Promise<void> {
  // Removed in Node 23; tfjs-node 4.22.0 still calls it.
  Object.assign(util, { isNullOrUndefined: (value: unknown) => value == null })
  // An optional package: the name is not a literal, so that neither the type checker nor the bundler wants to see it.
  const name = '@tensorflow/tfjs-node'
  await import(name as string)
}

async function registerWasm (): Promise<void> {
  const { setWasmPaths } = await import('@tensorflow/tfjs-backend-wasm')
  setWasmPaths(wasmFolder())
}

/** The folder of the .wasm files, with a slash: the bundle's own in a build, else the package's. */
function wasmFolder (): string {
  const beside = fileURLToPath(new URL('./tfjs-backend-wasm.wasm', import.meta.url))
  if (existsSync(beside)) return join(dirname(beside), '/')
  const manifest = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm/package.json')
  return join(dirname(manifest), 'dist/')
}

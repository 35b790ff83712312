import { cpSync, rmSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import type { BuildOptions } from 'esbuild'

/**
 * Bundles each service into one file, `<service>/dist/server.js`, with what it reads at run time beside it. A bundle starts
 * several times faster than the packages it is made of (measured), and an image needs nothing else.
 */
process.chdir(fileURLToPath(new URL('..', import.meta.url)))

// CommonJS packages inside an ES module look for what only CommonJS has.
const banner = `import { createRequire as __createRequire } from 'node:module'
import { dirname as __pathDirname } from 'node:path'
import { fileURLToPath as __toPath } from 'node:url'
const require = __createRequire(import.meta.url)
const __filename = __toPath(import.meta.url)
const __dirname = __pathDirname(__filename)`

const options: BuildOptions = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  mainFields: ['module', 'main'],
  banner: { js: banner },
  sourcemap: 'linked',
  logLevel: 'warning'
}

// Named by packages that never come to ask for them in that service.
const neverAsked: Record<string, string[]> = { gateway: [], predictor: ['node-fetch', 'light-my-request'] }

for (const [service, external] of Object.entries(neverAsked)) {
  rmSync(`${service}/dist`, { recursive: true, force: true })
  await build({ ...options, external, entryPoints: [`${service}/src/server.ts`], outfile: `${service}/dist/server.js` })
}
cpSync('model/artifact', 'predictor/dist/artifact', { recursive: true })
const wasm = join(dirname(createRequire(join(process.cwd(), 'predictor/package.json')).resolve('@tensorflow/tfjs-backend-wasm')))
for (const file of ['tfjs-backend-wasm.wasm', 'tfjs-backend-wasm-simd.wasm']) cpSync(join(wasm, file), `predictor/dist/${file}`)

for (const service of ['gateway', 'predictor']) {
  const megabytes = (statSync(`${service}/dist/server.js`).size / 1e6).toFixed(1)
  process.stdout.write(`${service}/dist/server.js  ${megabytes} MB\n`)
}

import { cpSync, rmSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import type { BuildOptions, Plugin } from 'esbuild'

/**
 * Bundles each service into one file, `<service>/dist/server.js`, with what it reads at run time beside it. A bundle starts
 * several times faster than the packages it is made of (measured), and an image needs nothing else. Arguments name the
 * services to bundle; none: both.
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
  // Names stay, for stacks. V8 keeps the source in memory, two bytes a character when a single comment is not ASCII (measured: 9 MB).
  minifyWhitespace: true,
  minifySyntax: true,
  sourcemap: 'linked',
  logLevel: 'warning'
}

// Named by packages that never come to ask for them in that service.
const neverAsked: Record<string, string[]> = { gateway: [], predictor: ['node-fetch', 'light-my-request'] }

const services = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(neverAsked)

for (const service of services) {
  const external = neverAsked[service]
  if (external === undefined) throw new Error(`there is no service ${service}`)
  rmSync(`${service}/dist`, { recursive: true, force: true })
  await build({ ...options, external, entryPoints: [`${service}/src/server.ts`], outfile: `${service}/dist/server.js`, plugins: [apart()] })
  await build({
    ...options, minify: true, sourcemap: false, entryPoints: [`${service}/src/observe/tracing/otlp.ts`], outfile: `${service}/dist/otlp.js`
  })
}
// A thread of its own, started only where there is a Slack to tell.
if (services.includes('gateway')) {
  await build({
    ...options, minify: true, sourcemap: false, entryPoints: ['gateway/src/observe/slack/worker.ts'], outfile: 'gateway/dist/slack-worker.js'
  })
}
if (services.includes('predictor')) addModelAndWasm()

for (const service of services) {
  const megabytes = (statSync(`${service}/dist/server.js`).size / 1e6).toFixed(1)
  process.stdout.write(`${service}/dist/server.js  ${megabytes} MB\n`)
}

function addModelAndWasm (): void {
  cpSync('model/artifact', 'predictor/dist/artifact', { recursive: true })
  const wasm = join(dirname(createRequire(join(process.cwd(), 'predictor/package.json')).resolve('@tensorflow/tfjs-backend-wasm')))
  for (const file of ['tfjs-backend-wasm.wasm', 'tfjs-backend-wasm-simd.wasm']) cpSync(join(wasm, file), `predictor/dist/${file}`)
}

/** What is imported only when it is wanted stays in a file of its own, which nobody else reads: trace export. */
function apart (): Plugin {
  return {
    name: 'apart',
    setup: ({ onResolve }) => onResolve({ filter: /\/otlp\.ts$/ }, ({ kind }) =>
      kind === 'dynamic-import' ? { path: './otlp.js', external: true } : undefined)
  }
}

import assert from 'node:assert/strict'
import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { hasContainers, startEngine } from './containers/engine.ts'
import { filesOf } from './containers/files.ts'
import { root } from './process.ts'
import { temporaryFolder } from './stack.ts'

const wanted = [
  'deploy/build.ts', 'deploy/package.json', 'gateway/package.json', 'gateway/src/server.ts', 'gateway/src/tls/server.ts',
  'model/artifact/iris/1/model.json', 'package.json', 'pnpm-lock.yaml', 'predictor/src/server.ts'
]

// What lies about on a developer's machine, and what a careless hand could leave where sources are.
const unwanted = [
  '.env', '.env.local', '.git/config', '.npmrc', 'README.md', 'certs/local/ca.key', 'certs/local/clients/alice.p12', 'certs/src/cli.ts',
  'deploy/compose.yaml', 'deploy/secrets/gateway.env', 'deploy/secrets/tls/tls.key', 'gateway/.env', 'gateway/dist/server.js',
  'gateway/node_modules/a/index.js', 'gateway/src/.env', 'gateway/src/.env.production', 'gateway/src/observe/debug.log',
  'gateway/src/tls/ca.crt', 'gateway/src/tls/client.pem', 'gateway/src/tls/revoked.crl', 'gateway/src/tls/server.key',
  'gateway/src/tls/server.test.ts', 'gateway/test/app.test.ts', 'model/artifact/iris/1/.env', 'model/artifact/signing.key',
  'model/data/iris.csv', 'node_modules/a/index.js', 'predictor/src/.npmrc', 'predictor/src/test/helper.ts', 'predictor/web/site.pfx',
  'server.key', 'test/e2e/predict.test.ts'
]

test('no key, certificate, setting or test gets as far as a build', async (t) => {
  if (!hasContainers(t)) return
  const context = temporaryFolder(t)
  for (const path of [...wanted, ...unwanted]) {
    mkdirSync(dirname(join(context, path)), { recursive: true })
    writeFileSync(join(context, path), path)
  }
  cpSync(join(root, '.dockerignore'), join(context, '.dockerignore'))
  const dockerfile = join(temporaryFolder(t), 'Dockerfile')
  writeFileSync(dockerfile, 'FROM scratch\nCOPY . /\n')
  const engine = startEngine(t)
  const built = await engine.outcome('buildah', ['build', '--file', dockerfile, '--tag', 'context', context])
  assert.equal(built.code, 0, built.stderr)
  const files = await filesOf(engine, 'context')
  assert.deepEqual(files.filter((path) => !/^(dev|etc|proc|run|sys)\//.test(path)).sort(), wanted)
})

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { test } from 'node:test'

const root = fileURLToPath(new URL('..', import.meta.url))

// In a process of its own: ESLint's configuration does not load under the loader that runs these tests.
const lint = `
import { ESLint } from 'eslint'
let input = ''
for await (const chunk of process.stdin) input += chunk
const eslint = new ESLint()
const broken = []
for (const { filePath, source } of JSON.parse(input)) {
  const [{ messages }] = await eslint.lintText(source, { filePath })
  broken.push(messages.map(({ ruleId }) => ruleId))
}
process.stdout.write(JSON.stringify(broken))
`

const refused = [
  ['the gateway imports the predictor’s source', 'gateway/src/x.ts', "import '../../predictor/src/app.ts'\n", 'import-x/no-relative-packages'],
  ['the gateway imports a package of this workspace', 'gateway/src/x.ts', "import '@model-edge/predictor'\n", 'no-restricted-imports'],
  ['the predictor imports training code', 'predictor/src/x.ts', "import '../../model/src/train.ts'\n", 'import-x/no-relative-packages'],
  ['the predictor imports anything but the artifact', 'predictor/src/x.ts', "import '@model-edge/model/src/train'\n", 'no-restricted-imports'],
  ['the black-box tests import a service', 'test/e2e/x.ts', "import '../../gateway/src/app.ts'\n", 'import-x/no-relative-packages'],
  ['a plugin imports the app', 'gateway/src/limits/x.ts', "import '../app.ts'\n", 'import-x/no-restricted-paths'],
  ['the app imports the process', 'gateway/src/x.ts', "import './server.ts'\n", 'import-x/no-restricted-paths'],
  ['errors import upward', 'predictor/src/errors.ts', "import './config.ts'\n", 'import-x/no-restricted-paths'],
  ['a file but config.ts reads the environment', 'gateway/src/x.ts', 'console.log(process.env.HOME)\n', 'no-restricted-properties']
] as const
const taken = ['predictor/src/x.ts', "import '@model-edge/model/artifact/iris/1/signature.json'\n"] as const

const cases = [...refused.map(([, filePath, source]) => ({ filePath, source })), { filePath: taken[0], source: taken[1] }]
const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', lint], {
  cwd: root, input: JSON.stringify(cases), encoding: 'utf8'
})
const broken: string[][] = stdout === '' ? assert.fail(stderr) : JSON.parse(stdout)

for (const [index, [what, , , rule]] of refused.entries()) {
  test(`lint refuses: ${what}`, () => assert.ok(broken[index]!.includes(rule), String(broken[index])))
}

test('lint takes: the predictor uses the artifact', () => assert.deepEqual(broken.at(-1), []))

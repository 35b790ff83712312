import assert from 'node:assert/strict'
import { fileURLToPath } from 'node:url'
import { test } from 'node:test'
import { ESLint } from 'eslint'

const root = fileURLToPath(new URL('..', import.meta.url))
const eslint = new ESLint({ cwd: root })

/** The rules that a source text breaks when it stands at `filePath`. */
async function broken (filePath: string, source: string): Promise<(string | null)[]> {
  const [result] = await eslint.lintText(source, { filePath })
  return result!.messages.map(({ ruleId }) => ruleId)
}

for (const [what, filePath, source, rule] of [
  ['the gateway imports the predictor’s source', 'gateway/src/x.ts', "import '../../predictor/src/app.ts'\n", 'import-x/no-relative-packages'],
  ['the gateway imports a package of this workspace', 'gateway/src/x.ts', "import '@model-edge/predictor'\n", 'no-restricted-imports'],
  ['the predictor imports training code', 'predictor/src/x.ts', "import '../../model/src/train.ts'\n", 'import-x/no-relative-packages'],
  ['the predictor imports anything but the artifact', 'predictor/src/x.ts', "import '@model-edge/model/src/train'\n", 'no-restricted-imports'],
  ['the black-box tests import a service', 'test/e2e/x.ts', "import '../../gateway/src/app.ts'\n", 'import-x/no-relative-packages'],
  ['a plugin imports the app', 'gateway/src/limits/x.ts', "import '../app.ts'\n", 'import-x/no-restricted-paths'],
  ['the app imports the process', 'gateway/src/x.ts', "import './server.ts'\n", 'import-x/no-restricted-paths'],
  ['errors import upward', 'predictor/src/errors.ts', "import './config.ts'\n", 'import-x/no-restricted-paths'],
  ['a file but config.ts reads the environment', 'gateway/src/x.ts', 'console.log(process.env.HOME)\n', 'no-restricted-properties']
] as const) {
  test(`lint refuses: ${what}`, async () => {
    assert.ok((await broken(filePath, source)).includes(rule))
  })
}

test('lint takes: the predictor uses the artifact', async () => {
  assert.deepEqual(await broken('predictor/src/x.ts', "import '@model-edge/model/artifact/iris/1/signature.json'\n"), [])
})

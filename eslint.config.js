import importX from 'eslint-plugin-import-x'
import neostandard, { plugins, resolveIgnoresFromGitignore } from 'neostandard'

const packages = ['gateway', 'predictor', 'model', 'certs', 'deploy', 'test']

/**
 * Inside a service imports point down: server → app → the rest → errors. What a zone's target holds may not import from
 * what its `from` holds.
 */
const downward = ['gateway', 'predictor'].flatMap((service) => [
  { target: `./${service}/src/!(server).ts`, from: `./${service}/src/server.ts`, message: 'server.ts is the process; nothing imports it.' },
  { target: `./${service}/src/*/**`, from: [`./${service}/src/server.ts`, `./${service}/src/app.ts`], message: 'Imports point down: server → app → plugins and routes → schemas, errors, domain.' },
  { target: `./${service}/src/errors.ts`, from: `./${service}/src/!(errors).ts`, message: 'errors.ts is at the bottom: it imports nothing of the service.' }
])

export default [
  { ignores: [...resolveIgnoresFromGitignore(), 'pnpm-lock.yaml', 'model/artifact/**', 'model/report/**'] },
  ...neostandard({ ts: true }),
  ...plugins['typescript-eslint'].configs.recommended,
  {
    plugins: { 'import-x': importX },
    settings: { 'import-x/resolver': { node: { extensions: ['.ts', '.js'] } } },
    rules: {
      'import-x/no-relative-packages': 'error',
      'no-void': ['error', { allowAsStatement: true }],
      'import-x/no-restricted-paths': ['error', { zones: downward }],
      '@stylistic/max-len': ['error', { code: 140, ignoreStrings: true, ignoreTemplateLiterals: true, ignoreRegExpLiterals: true, ignoreUrls: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrors: 'none' }]
    }
  },
  // What the services may import of each other: the gateway and the tools nothing, the predictor the model's artifact.
  ...packages.map((name) => ({
    files: [`${name}/**/*.ts`],
    rules: {
      'no-restricted-imports': ['error', {
        patterns: [{
          regex: name === 'predictor' ? '^@model-edge/(?!model/artifact/)' : '^@model-edge/',
          message: 'Packages do not import each other; only the predictor uses the artifact that `model` exports.'
        }]
      }]
    }
  })),
  // Each service reads its environment in one place.
  {
    files: ['gateway/src/**/*.ts', 'predictor/src/**/*.ts'],
    ignores: ['*/src/config.ts'],
    rules: {
      'no-restricted-properties': ['error', { object: 'process', property: 'env', message: 'config.ts is the only reader of the environment.' }]
    }
  }
]

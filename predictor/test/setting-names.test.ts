import assert from 'node:assert/strict'
import { test } from 'node:test'
import { misspeltSettings } from '../src/setting-names.ts'

const sentence = (name: string, meant: string) => `${name} is not a setting and has no effect; did you mean ${meant}?`

test('names up to two slips away are told with the one that was meant', () => {
  for (const [name, meant] of [
    ['PREDICTOR_PROT', 'PREDICTOR_PORT'], ['MODEL_DIRS', 'MODEL_DIR'], ['LOGLEVEL', 'LOG_LEVEL'],
    ['TFJS_BAKCEDN', 'TFJS_BACKEND'], ['RATE_LIMIT_RPM', 'RATE_LIMIT_RPS'], ['model_dir', 'MODEL_DIR']
  ] as const) assert.deepEqual(misspeltSettings([name]), [sentence(name, meant)])
})

test('three slips, exact names of either service, and others\' variables are not', () => {
  assert.deepEqual(misspeltSettings([
    'PREDICTORPROTS', 'PREDICTOR_PORT', 'HTTPS_PORT', 'BATCH_MAX', 'SSL_CERT_FILE', 'HTTP_PROXY', 'HTTPS_PROXY', 'PATH',
    'HOME', 'PREDICTOR_SERVICE_HOST', 'NODE_OPTIONS'
  ]), [])
})

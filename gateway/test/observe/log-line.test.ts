import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { pino, symbols } from 'pino'
import { LineWriter, quoted } from '../../src/observe/log-line.ts'

const options = { base: { service: 'gateway' }, timestamp: () => ',"time":"2026-01-01T00:00:00.000Z"' }

test('a line joined by hand is the one that pino would write, whatever the client said', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), fc.integer({ min: 0 }), (text, count) => {
    const lines: string[] = []
    const logger = pino(options, { write: (line) => { lines.push(line) } })
    new LineWriter(logger, 'request').write('info', `,"path":${quoted(text)},"count":${count}`)
    logger.info({ path: text, count }, 'request')
    assert.deepEqual(JSON.parse(lines[0]!), JSON.parse(lines[1]!))
    assert.equal(lines[0]!.indexOf('\n'), lines[0]!.length - 1)
  }))
})

test('what a destination wants to know of each line it is told', () => {
  const told: unknown[] = []
  const destination = {
    [symbols.needsMetadataGsym]: true as const,
    lastLevel: 50,
    lastObj: {},
    lastMsg: 'before',
    lastTime: '',
    lastLogger: undefined as never,
    write (): void { told.push([this.lastLevel, this.lastMsg, this.lastTime, this.lastObj]) }
  }
  const logger = pino({ ...options, level: 'debug' }, destination)
  const lines = new LineWriter(logger, 'request')
  lines.write('info', '')
  lines.write('debug', '')
  logger.info('request')
  assert.deepEqual(told, [30, 20, 30].map((level) => [level, 'request', '"2026-01-01T00:00:00.000Z"', {}]))
})

test('levels are the logger’s, also after they change', () => {
  const logger = pino({ level: 'warn' }, { write: () => {} })
  const lines = new LineWriter(logger, 'request')
  assert.deepEqual([lines.wants('info'), lines.wants('debug')], [false, false])
  logger.level = 'info'
  assert.deepEqual([lines.wants('info'), lines.wants('debug')], [true, false])
  logger.level = 'debug'
  assert.deepEqual([lines.wants('info'), lines.wants('debug')], [true, true])
})

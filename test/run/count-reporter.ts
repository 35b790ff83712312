interface TestEvent {
  type: string
  data: { name: string, skip?: string | boolean, todo?: string | boolean, details?: { type?: string }, nesting: number }
}

/** What a test process hands its caller, as one line of JSON. */
export interface Counts { passed: number, failed: number, skipped: string[] }

/** A node:test reporter that counts tests (not suites) and names the skipped ones with their reason. */
export default async function * countReporter (events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const counts: Counts = { passed: 0, failed: 0, skipped: [] }
  for await (const { type, data } of events) {
    if (data?.details?.type === 'suite') continue
    if (type === 'test:fail' && data.todo === undefined) counts.failed++
    else if (type === 'test:pass' && data.skip !== undefined) counts.skipped.push(`${data.name}: ${String(data.skip)}`)
    else if (type === 'test:pass') counts.passed++
  }
  yield `${JSON.stringify(counts)}\n`
}

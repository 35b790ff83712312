/**
 * A node:test reporter that counts tests (not suites) and names the skipped ones with their reason, as one line of JSON.
 * JavaScript, since Node.js 20 loads reporters before the loader that reads TypeScript.
 */
export default async function * countReporter (events) {
  const counts = { passed: 0, failed: 0, skipped: [] }
  for await (const { type, data } of events) {
    if (data?.details?.type === 'suite') continue
    if (type === 'test:fail' && data.todo === undefined) counts.failed++
    else if (type === 'test:pass' && data.skip !== undefined) counts.skipped.push(`${data.name}: ${String(data.skip)}`)
    else if (type === 'test:pass') counts.passed++
  }
  yield `${JSON.stringify(counts)}\n`
}

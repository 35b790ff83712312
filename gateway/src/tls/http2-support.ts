/**
 * The first version of each Node.js line with the HTTP/2 fixes of the July 2026 security releases (header memory left out
 * of the session's accounting, CVE-2026-56846). Lines before 22 have none.
 */
const firstSafe: Record<number, [minor: number, patch: number]> = { 22: [23, 2], 24: [18, 1], 26: [5, 1] }
const newestLine = 26

/** Whether a Node.js version (`24.18.1`) carries the HTTP/2 fixes. Odd lines between the listed ones do not get them. */
export function hasHttp2Fixes (version: string): boolean {
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number)
  if (major > newestLine) return true
  const first = firstSafe[major]
  return first !== undefined && (minor > first[0] || (minor === first[0] && patch >= first[1]))
}

/** Whether to speak HTTP/2, and why not under `auto`. */
export function chooseHttp2 (setting: 'auto' | 'on' | 'off', version = process.versions.node): { http2: boolean, why?: string } {
  if (setting !== 'auto') return { http2: setting === 'on' }
  if (hasHttp2Fixes(version)) return { http2: true }
  return { http2: false, why: `HTTP/2 is off: Node.js ${version} lacks its security fixes. Node.js 24.18.1 or later has them.` }
}

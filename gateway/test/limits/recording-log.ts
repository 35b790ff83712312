/** A log that remembers its lines. */
export function recordingLog () {
  const lines: Array<{ level: string, text: string }> = []
  const record = (level: string) => (...parts: unknown[]) => { lines.push({ level, text: JSON.stringify(parts) }) }
  return { lines, levels: () => lines.map(({ level }) => level), info: record('info'), error: record('error') }
}

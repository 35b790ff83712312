/** Names and label names of all samples in a text exposition: a name's label sets, one for each sample. */
export function exposed (text: string): Map<string, Set<string>[]> {
  const metrics = new Map<string, Set<string>[]>()
  for (const line of text.split('\n')) {
    const [, name, labels = ''] = /^([a-z_]\w*)(\{.*\})? \S+$/i.exec(line) ?? []
    if (name === undefined) continue
    const sets = metrics.get(name) ?? []
    metrics.set(name, sets)
    sets.push(new Set([...labels.matchAll(/(\w+)="(?:[^"\\]|\\.)*"/g)].map(([, label]) => label!)))
  }
  return metrics
}

/** The PromQL expressions of a Grafana dashboard, its variables replaced. */
export function expressionsOf ({ panels }: { panels: { targets?: { expr: string }[] }[] }): string[] {
  return panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr.replaceAll('$__rate_interval', '5m')))
}

/** The alert rules of a rule file, as this project writes them. */
export function rulesOf (yaml: string): { name: string, expression: string }[] {
  return [...yaml.matchAll(/^ +- alert: (\w+)\n +expr: (\|\n(?: {10,}.*\n)+|.*\n)/gm)]
    .map(([, name, expression]) => ({ name: name!, expression: expression!.replace(/^\|\n/, '').trim() }))
}

/** What PromQL itself means by a word. */
const own = new Set([
  'absent', 'and', 'by', 'changes', 'count', 'delta', 'histogram_quantile', 'increase', 'max', 'min', 'or', 'rate', 'sum', 'time'
])

/** The metrics that an expression selects, with the labels by which it tells their samples apart. */
export function selectorsIn (expression: string): { name: string, labels: string[] }[] {
  const grouped = [...expression.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, list]) => list!.split(',').map((label) => label.trim()))
  const rest = expression.replaceAll(/\bby \([^)]*\)/g, 'by').replaceAll(/\[[^\]]*\]/g, '')
  return [...rest.matchAll(/\b([a-z_]\w*)\b(?:\{([^}]*)\})?/gi)].flatMap(([whole, name, matchers = '']) => {
    if (own.has(whole)) return []
    return [{ name: name!, labels: [...[...matchers.matchAll(/(\w+)\s*(?:=|!)/g)].map(([, label]) => label!), ...grouped] }]
  })
}

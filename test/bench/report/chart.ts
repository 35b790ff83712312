import type { Results } from './results.ts'
import type { Spread } from '../statistics.ts'

// Pixels.
const width = 760
const labels = 282
const right = 66
const [barHeight, barGap, rowGap] = [13, 2, 14]
const [top, bottom] = [84, 58]

/**
 * Requests per second of everybody as bars, a whisker from the lowest round to the highest. It brings its own background and
 * follows the reader's colour scheme: both are readable, wherever the picture is shown.
 */
export function chart ({ figures, servers, machine, versions, tls, rounds, seconds, generator }: Results): string {
  const throughput = figures.filter(({ id }) => id.startsWith('requests-'))
  const counts = throughput.map(({ id }) => id.slice('requests-'.length))
  const shown = Object.keys(throughput[0]!.of)
  const scale = niceScale(Math.max(...throughput.flatMap(({ of }) => Object.values(of).map(({ max }) => max))))
  const rowHeight = throughput.length * (barHeight + barGap) + rowGap
  const height = top + shown.length * rowHeight + bottom
  const x = (value: number) => labels + value / scale.end * (width - labels - right)

  const grid = scale.ticks.map((tick) => `<line class="grid" x1="${x(tick)}" x2="${x(tick)}" y1="${top - 6}" y2="${height - bottom}"/>
<text class="small" x="${x(tick)}" y="${height - bottom + 14}" text-anchor="middle">${thousands(tick)}</text>`)
  const rows = shown.map((server, row) => {
    const y = top + row * rowHeight + rowGap / 2
    const bars = throughput.map(({ of }, index) => bar(of[server]!, x, y + index * (barHeight + barGap), `${kindOf(server)} shade-${index % 2}`))
    const middle = y + (rowHeight - rowGap) / 2
    const name = `<text class="name${server === 'gateway' ? ' ours' : ''}" x="${labels - 10}" y="${middle}" text-anchor="end" dominant-baseline="central">`
    return `${name}${escaped(servers[server]!)}</text>\n${bars.join('\n')}`
  })
  const key = counts.map((count, index) => `<rect class="peer shade-${index % 2}" x="${labels + index * 140}" y="55" width="11" height="11" rx="2"/>
<text class="small" x="${labels + 17 + index * 140}" y="64.5">${count} connections</text>`)
  const how = `${tls.protocol}, ECDSA ${tls.key}; ${generator}, every answer checked; median of ${rounds} × ${seconds} s, whiskers: lowest to highest`
  const where = `${machine.cpu}, ${machine.cores} cores shared with the load generator; Node.js ${versions.node}${versions.nginx ? `, Nginx ${versions.nginx}` : ''}`

  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escaped(summary(throughput, servers))}">
<style>${style}</style>
<rect class="card" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8"/>
<text class="title" x="20" y="32">Requests per second: POST /predict over HTTPS</text>
${[...key, ...grid, ...rows].join('\n')}
<text class="small" x="20" y="${height - 24}">${escaped(how)}</text>
<text class="small" x="20" y="${height - 9}">${escaped(where)}</text>
</svg>
`
}

function bar ({ median, min, max }: Spread, x: (value: number) => number, y: number, kind: string): string {
  const middle = y + barHeight / 2
  return `<rect class="${kind}" x="${x(0)}" y="${y}" width="${(x(median) - x(0)).toFixed(1)}" height="${barHeight}" rx="2"/>
<line class="whisker" x1="${x(min).toFixed(1)}" x2="${x(max).toFixed(1)}" y1="${middle}" y2="${middle}"/>
<text class="value" x="${(x(max) + 6).toFixed(1)}" y="${middle}" dominant-baseline="central">${thousands(Math.round(median))}</text>`
}

const kindOf = (server: string) => server === 'gateway' ? 'us' : server === 'constant' ? 'limit' : 'peer'

/** Round numbers from 0 to past the largest value, at most seven. */
function niceScale (largest: number): { end: number, ticks: number[] } {
  const rough = largest / 6
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= rough)!
  const ticks = Array.from({ length: Math.ceil(largest / step) + 1 }, (_, index) => index * step)
  return { end: ticks.at(-1)!, ticks }
}

/** For those who do not see the picture. */
function summary (throughput: Results['figures'], servers: Record<string, string>): string {
  return throughput.map(({ title, of }) => `${title}: ${Object.entries(of)
    .map(([server, { median }]) => `${servers[server]} ${thousands(Math.round(median))}`).join('; ')}`).join('. ')
}

const thousands = (value: number) => value.toLocaleString('en-US')
const escaped = (text: string) => text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`)

const style = `
text { font-family: system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif; fill: #1f2328; }
.card { fill: #ffffff; stroke: #d1d9e0; }
.title { font-size: 17px; font-weight: 600; }
.name { font-size: 13px; }
.ours { font-weight: 600; }
.value { font-size: 11.5px; font-variant-numeric: tabular-nums; }
.small { font-size: 11px; fill: #59636e; }
.grid { stroke: #d1d9e0; stroke-width: 1; }
.whisker { stroke: #1f2328; stroke-width: 1.5; opacity: 0.55; }
.us { fill: #0969da; }
.peer { fill: #818b98; }
.limit { fill: #bc7f2c; }
.shade-1 { fill-opacity: 0.62; }
@media (prefers-color-scheme: dark) {
  text { fill: #f0f6fc; }
  .card { fill: #0d1117; stroke: #3d444d; }
  .small { fill: #9198a1; }
  .grid { stroke: #2a313c; }
  .whisker { stroke: #f0f6fc; }
  .us { fill: #4493f8; }
  .peer { fill: #767e89; }
  .limit { fill: #c69026; }
}
`

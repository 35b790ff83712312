import type { ClassificationReport } from '../classification-report.ts'
import { FAINT, svg, text } from './palette.ts'

const CELL = 110
const LEFT = 150
const TOP = 84

/** The confusion matrix as an SVG: rows are actual species, columns predicted ones, darker is more. */
export function confusionMatrixPlot ({ confusionMatrix: { labels, flowers }, classes }: ClassificationReport): string {
  const size = CELL * labels.length
  const cells = flowers.flatMap((counts, actual) => counts.map((count, predicted) =>
    cell(LEFT + predicted * CELL, TOP + actual * CELL, count, count / classes[actual]!.support)))
  const names = labels.flatMap((label, index) => [
    text(LEFT + (index + 0.5) * CELL, TOP - 10, label, 'text-anchor="middle"'),
    text(LEFT - 10, TOP + (index + 0.5) * CELL + 5, label, 'text-anchor="end"')
  ])
  return svg(LEFT + size + 24, TOP + size + 44, 'Confusion matrix of the cross-validated predictions', [
    text(LEFT + size / 2, 26, 'Cross-validated predictions, flowers', 'text-anchor="middle" font-size="16" font-weight="600"'),
    text(LEFT + size / 2, 52, 'predicted', `text-anchor="middle" fill="${FAINT}"`),
    text(0, 0, 'actual', `text-anchor="middle" fill="${FAINT}" transform="translate(24 ${TOP + size / 2}) rotate(-90)"`),
    ...names,
    ...cells,
    text(LEFT + size / 2, TOP + size + 26, 'mean over the repeats; in brackets, the share of the row', `text-anchor="middle" fill="${FAINT}" font-size="12"`)
  ].join('\n'))
}

function cell (x: number, y: number, count: number, share: number): string {
  // The square root lets a handful of mistakes be seen beside fifty right answers.
  const depth = Math.sqrt(share)
  const tone = [255, 255, 255].map((white, i) => Math.round(white + ([0, 82, 140][i]! - white) * depth))
  const ink = depth > 0.5 ? '#ffffff' : '#24292f'
  const middle = x + CELL / 2
  return [
    `<rect x="${x}" y="${y}" width="${CELL}" height="${CELL}" fill="rgb(${tone.join(', ')})" stroke="#d0d7de"/>`,
    text(middle, y + CELL / 2 + 2, String(Number(count.toFixed(1))), `text-anchor="middle" font-size="24" fill="${ink}"`),
    text(middle, y + CELL / 2 + 24, `(${(100 * share).toFixed(0)} %)`, `text-anchor="middle" font-size="12" fill="${ink}"`)
  ].join('\n')
}

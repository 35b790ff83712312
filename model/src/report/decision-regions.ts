import { mostLikely, predict, type DenseModel } from '../candidates/dense-layers.ts'
import { describe, type Dataset } from '../dataset.ts'
import type { Mistake } from '../classification-report.ts'
import { CLASS_COLOURS, FAINT, INK, svg, text } from './palette.ts'

const WIDTH = 600
const HEIGHT = 400
const LEFT = 64
const TOP = 76
/** Height of one scan line of the regions, in pixels. */
const STEP = 2

const PETAL_LENGTH = 2
const PETAL_WIDTH = 3
const AXES = { length: { from: 0.5, to: 7.5 }, width: { from: 0, to: 2.8 } }

/**
 * The flowers by petal length and width over the model's decision regions, as an SVG. Two of the model's four inputs are
 * axes; the regions show a flower whose sepals are the average ones.
 */
export function decisionRegionsPlot (dataset: Dataset, model: DenseModel, mistakes: Mistake[]): string {
  const [sepalLength, sepalWidth] = describe(dataset.rows).mean as [number, number, number, number]
  const classAt = (x: number, y: number) => mostLikely(predict(model, [sepalLength, sepalWidth, ...toPetal(x, y)]))
  const title = 'Petals of 150 flowers and the model\'s decision regions'
  return svg(LEFT + WIDTH + 24, TOP + HEIGHT + 104, title, [
    text(LEFT, 26, title, 'font-size="16" font-weight="600"'),
    ...legend(dataset.labels),
    ...regions(dataset.labels.length, classAt),
    ...axes(),
    ...dataset.rows.map((row, index) => marker(...toPixels(row), dataset.classes[index]!)),
    // Again and on top: equal petals of another flower may cover them.
    ...mistakes.flatMap(({ input, label }) =>
      [marker(...toPixels(input), dataset.labels.indexOf(label)), ring(...toPixels(input))]),
    ...captions(`Regions: the answer for a flower with average sepals (${sepalLength.toFixed(2)} × ${sepalWidth.toFixed(2)} cm).`,
      'The model weighs each flower\'s own sepals too, so a marker may lie across a border and still be right.')
  ].join('\n'))
}

function toPixels (row: number[]): [number, number] {
  const { length, width } = AXES
  const x = (row[PETAL_LENGTH]! - length.from) / (length.to - length.from) * WIDTH
  const y = (row[PETAL_WIDTH]! - width.from) / (width.to - width.from) * HEIGHT
  return [round(LEFT + x), round(TOP + HEIGHT - y)]
}

function toPetal (x: number, y: number): [number, number] {
  const { length, width } = AXES
  return [
    length.from + (x - LEFT) / WIDTH * (length.to - length.from),
    width.from + (TOP + HEIGHT - y) / HEIGHT * (width.to - width.from)
  ]
}

/** One path a class, made of scan lines: runs of equal answers. */
function regions (classes: number, classAt: (x: number, y: number) => number): string[] {
  const paths = Array.from({ length: classes }, () => '')
  for (let y = TOP; y < TOP + HEIGHT; y += STEP) {
    let start = LEFT
    for (let x = LEFT + 1; x <= LEFT + WIDTH; x++) {
      const here = classAt(start + 0.5, y + STEP / 2)
      if (x < LEFT + WIDTH && classAt(x + 0.5, y + STEP / 2) === here) continue
      paths[here] += `M${start} ${y}h${x - start}v${STEP}h${start - x}z`
      start = x
    }
  }
  return paths.map((path, label) =>
    `<path d="${path}" fill="${CLASS_COLOURS[label]}" fill-opacity="0.16" shape-rendering="crispEdges"/>`)
}

function axes (): string[] {
  const bottom = TOP + HEIGHT
  const ticks = (from: number, to: number, by: number) =>
    Array.from({ length: Math.floor((to - from) / by + 1.001) }, (_, i) => from + i * by)
  return [
    ...ticks(1, 7, 1).flatMap((value) => {
      const [x] = toPixels([0, 0, value, 0])
      return [`<path d="M${x} ${bottom}v6" stroke="${INK}"/>`, text(x, bottom + 21, String(value), 'text-anchor="middle"')]
    }),
    ...ticks(0, 2.5, 0.5).flatMap((value) => {
      const [, y] = toPixels([0, 0, 0, value])
      return [`<path d="M${LEFT} ${y}h-6" stroke="${INK}"/>`, text(LEFT - 11, y + 4.5, value.toFixed(1), 'text-anchor="end"')]
    }),
    `<rect x="${LEFT}" y="${TOP}" width="${WIDTH}" height="${HEIGHT}" fill="none" stroke="${INK}"/>`,
    text(LEFT + WIDTH / 2, bottom + 44, 'petal length, cm', 'text-anchor="middle"'),
    text(0, 0, 'petal width, cm', `text-anchor="middle" transform="translate(18 ${TOP + HEIGHT / 2}) rotate(-90)"`)
  ]
}

function legend (labels: string[]): string[] {
  const y = 54
  return [
    ...labels.flatMap((label, index) =>
      [marker(LEFT + 6 + index * 128, y, index), text(LEFT + 18 + index * 128, y + 4.5, label)]),
    ring(LEFT + 6 + labels.length * 128, y),
    text(LEFT + 20 + labels.length * 128, y + 4.5, 'wrong in cross-validation')
  ]
}

function captions (...lines: string[]): string[] {
  return lines.map((line, index) => text(LEFT, TOP + HEIGHT + 72 + 18 * index, line, `font-size="12" fill="${FAINT}"`))
}

function marker (x: number, y: number, label: number): string {
  const shapes = [
    `<circle cx="${x}" cy="${y}" r="4"`,
    `<rect x="${round(x - 3.5)}" y="${round(y - 3.5)}" width="7" height="7"`,
    `<path d="M${x} ${round(y - 4.8)}l4.6 8.2h-9.2z"`
  ]
  return `${shapes[label % shapes.length]} fill="${CLASS_COLOURS[label]}" fill-opacity="0.85" stroke="#ffffff" stroke-width="0.8"/>`
}

function ring (x: number, y: number): string {
  return `<circle cx="${x}" cy="${y}" r="8" fill="none" stroke="#b3261e" stroke-width="2"/>`
}

function round (pixels: number): number {
  return Math.round(pixels * 10) / 10
}

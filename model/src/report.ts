import type { ClassMetrics } from './metrics.ts'
import type { Score } from './cross-validation.ts'
import type { DataDescription, Evaluation } from './evaluate.ts'

/** Per-class means and spreads of every feature, as a Markdown table. */
export function dataTable ({ features, unit, all, classes, duplicates }: DataDescription): string {
  const lines = [...classes, { label: 'all', ...all }].map(({ label, rows, mean, standardDeviation, minimum, maximum }) => [
    label, String(rows), ...features.map((_, i) =>
      `${mean[i]!.toFixed(3)} ± ${standardDeviation[i]!.toFixed(3)} (${minimum[i]!.toFixed(1)} … ${maximum[i]!.toFixed(1)})`)
  ])
  return table(['species', 'rows', ...features.map((name) => `${name.replace('_', ' ')}, ${unit}`)], lines) +
    '\nMean ± standard deviation (minimum … maximum). ' +
    `Equal rows, counted from 1: ${duplicates.map((rows) => rows.join(' and ')).join('; ') || 'none'}.\n`
}

/** The comparison of candidates, as a Markdown table, with what its columns mean. */
export function candidatesTable ({ candidates, protocol, chosen }: Evaluation): string {
  const figures = (score: Score) => [
    `${score.mean.toFixed(4)} ± ${score.standardDeviation.toFixed(4)}`, between([score.minimum, score.maximum]), between(score.interval)
  ]
  const lines = candidates.map(({ name, title, accuracy, logLoss }) =>
    [name === chosen.name ? `**${title}**` : title, ...figures(accuracy), ...figures(logLoss)])
  const { folds, repeats, seed, intervals } = protocol
  return table(['candidate', 'accuracy', 'repeats', '95 %', 'log-loss', 'repeats', '95 %'], lines) + `
${folds} folds × ${repeats} repeats, seed ${seed}. Mean ± standard deviation over the ${repeats} repeats, then their smallest and largest.
The 95 % columns are intervals over flowers. Accuracy: ${intervals.accuracy}. Log-loss: ${intervals.logLoss}.

Chosen: ${chosen.title}, by ${chosen.rule}. ${chosen.reason}
`
}

/** Precision, recall, F1 and support by class, the confusion matrix and the mistakes, as Markdown. */
export function classificationTables ({ report, protocol }: Evaluation): string {
  const { classes, macroAverage, confusionMatrix: { labels, flowers }, mistakes } = report
  const figures = ({ precision, recall, f1, support }: ClassMetrics) =>
    [precision.toFixed(4), recall.toFixed(4), f1.toFixed(4), String(support)]
  return table(['species', 'precision', 'recall', 'F1', 'support'], [
    ...classes.map((metrics) => [metrics.label, ...figures(metrics)]),
    ['macro average', ...figures(macroAverage)]
  ]) + '\n' + table(['actual \\ predicted', ...labels], labels.map((label, actual) =>
    [label, ...flowers[actual]!.map((count) => String(Number(count.toFixed(2))))])) +
    `\nFlowers, a mean over the ${protocol.repeats} repeats; each was predicted by models that had not seen it.\n\n` +
    table(['row', 'measurements, cm', 'actual', 'predicted', 'wrong in'], mistakes.map((mistake) => [
      String(mistake.row), mistake.input.join(', '), mistake.label, mistake.predicted, `${mistake.repeats} of ${protocol.repeats}`
    ]))
}

/** The whole report: data, comparison, and the chosen candidate's mistakes, with the plots beside it. */
export function reportMarkdown (evaluation: Evaluation): string {
  return `# Iris: training report

Written by \`pnpm train\`; the same figures, for programs, are in \`artifact/iris/1/evaluation.json\`.

## Data
${evaluation.data.source}

${dataTable(evaluation.data)}
## Candidates
${evaluation.protocol.method}

${candidatesTable(evaluation)}
## Classification report: ${evaluation.chosen.title}
${classificationTables(evaluation)}
![Confusion matrix](confusion-matrix.svg)

![Decision regions over petal length and width](decision-regions.svg)
`
}

function between ([low, high]: [number, number]): string {
  return `${low.toFixed(4)} … ${high.toFixed(4)}`
}

/** A Markdown table whose columns line up in a terminal too. */
function table (header: string[], lines: string[][]): string {
  const widths = header.map((title, column) => Math.max(title.length, ...lines.map((line) => line[column]!.length)))
  const row = (cells: string[]) => `| ${cells.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |\n`
  return row(header) + row(widths.map((width) => '-'.repeat(width))) + lines.map(row).join('')
}

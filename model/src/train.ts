import { mkdirSync, writeFileSync } from 'node:fs'
import { CANDIDATES, type Candidate } from './candidates.ts'
import { loadIris } from './dataset.ts'
import { describeData, evaluate } from './evaluate.ts'
import { buildArtifact } from './export.ts'
import { PROTOCOL } from './folds.ts'
import { candidatesTable, classificationTables, dataTable, reportMarkdown } from './report.ts'
import { confusionMatrixPlot } from './report/confusion-matrix.ts'
import { decisionRegionsPlot } from './report/decision-regions.ts'

const dataset = loadIris()
console.log(`Data\n\n${dataTable(describeData(dataset))}`)

const evaluation = evaluate(dataset, CANDIDATES, PROTOCOL, showProgress)
console.log(`Candidates\n\n${candidatesTable(evaluation)}`)
console.log(`Classification report: ${evaluation.chosen.title}\n\n${classificationTables(evaluation)}`)

const model = CANDIDATES.find(({ name }) => name === evaluation.chosen.name)!.fit(dataset)
write('../artifact/iris/1/', { ...await buildArtifact(dataset, model, evaluation) })
write('../report/', {
  'classification-report.md': reportMarkdown(evaluation),
  'confusion-matrix.svg': confusionMatrixPlot(evaluation.report),
  'decision-regions.svg': decisionRegionsPlot(dataset, model, evaluation.report.mistakes)
})

/** On standard error, so that standard output stays the tables: one line rewritten on a terminal, else one a candidate. */
function showProgress ({ title }: Candidate, done: number): void {
  const finished = done === PROTOCOL.repeats
  const line = `cross-validating ${title}: ${done} of ${PROTOCOL.repeats} repeats`
  if (process.stderr.isTTY) process.stderr.write(`\r${line}\u001b[K${finished ? '\n' : ''}`)
  else if (finished) process.stderr.write(`${line}\n`)
}

function write (path: string, files: Record<string, string | Uint8Array>): void {
  const folder = new URL(path, import.meta.url)
  mkdirSync(folder, { recursive: true })
  for (const [name, content] of Object.entries(files)) writeFileSync(new URL(name, folder), content)
  console.log(`wrote ${Object.keys(files).join(', ')} to ${path.replace('..', 'model')}`)
}

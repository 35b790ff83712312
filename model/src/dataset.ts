import { readFileSync } from 'node:fs'

/** A table of measured flowers: `rows[i]` holds the features of flower i, `classes[i]` the index of its label. */
export interface Dataset {
  featureNames: string[]
  labels: string[]
  /** In centimetres, in the order of `featureNames`. */
  rows: number[][]
  classes: number[]
}

/** Mean, standard deviation (divisor n − 1), minimum and maximum of each feature over some rows. */
export interface Description {
  rows: number
  mean: number[]
  standardDeviation: number[]
  minimum: number[]
  maximum: number[]
}

/** Reads the Iris measurements that ship with this package. */
export function loadIris (): Dataset {
  return parseDataset(readFileSync(new URL('../data/iris.csv', import.meta.url), 'utf8'))
}

/**
 * Reads comma-separated text: a header, then numeric features and a label in the last column. Labels are numbered in order
 * of appearance.
 * @throws Error naming the line when a row has another number of columns or a feature that is not a finite number.
 */
export function parseDataset (text: string): Dataset {
  const [header = '', ...lines] = text.trimEnd().split(/\r?\n/)
  const featureNames = header.split(',').slice(0, -1)
  const labels: string[] = []
  const rows: number[][] = []
  const classes: number[] = []
  lines.forEach((line, index) => {
    const cells = line.split(',')
    const label = cells.pop()
    const features = cells.map((cell) => cell.trim() === '' ? Number.NaN : Number(cell))
    if (!label || features.length !== featureNames.length || !features.every(Number.isFinite)) {
      throw new Error(`line ${index + 2}: expected ${featureNames.length} numbers and a label, got "${line}"`)
    }
    if (!labels.includes(label)) labels.push(label)
    rows.push(features)
    classes.push(labels.indexOf(label))
  })
  return { featureNames, labels, rows, classes }
}

/** The same table with only the given rows (zero-based), labels and their numbers unchanged. */
export function subset (dataset: Dataset, indices: number[]): Dataset {
  return {
    ...dataset,
    rows: indices.map((index) => dataset.rows[index]!),
    classes: indices.map((index) => dataset.classes[index]!)
  }
}

/** The rows of one class. */
export function rowsOfClass (dataset: Dataset, label: number): number[][] {
  return dataset.rows.filter((_, index) => dataset.classes[index] === label)
}

/** Row indices (zero-based) gathered by equal features and label; most groups hold one row, duplicates share theirs. */
export function groupDuplicates (dataset: Dataset): number[][] {
  const groups = new Map<string, number[]>()
  dataset.rows.forEach((row, index) => {
    const key = `${row.join(',')},${dataset.classes[index]}`
    groups.set(key, [...groups.get(key) ?? [], index])
  })
  return [...groups.values()]
}

/** Column-wise statistics of at least two rows. */
export function describe (rows: number[][]): Description {
  const columns = rows[0]!.map((_, feature) => rows.map((row) => row[feature]!))
  const mean = columns.map((column) => column.reduce((sum, value) => sum + value, 0) / column.length)
  return {
    rows: rows.length,
    mean,
    standardDeviation: columns.map((column, feature) => {
      const differences = column.map((value) => value - mean[feature]!)
      return Math.sqrt(differences.reduce((sum, value) => sum + value * value, 0) / (column.length - 1))
    }),
    minimum: columns.map((column) => Math.min(...column)),
    maximum: columns.map((column) => Math.max(...column))
  }
}

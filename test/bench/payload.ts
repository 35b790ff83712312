/** A request body, and what has to come back. */
export interface Payload {
  contentType: string
  body: string
  expected: string
}

/** What every peer is asked for. */
export const prediction: Payload = {
  contentType: 'application/json',
  body: '{"iris_dimensions":[5.1,3.5,1.4,0.2]}',
  expected: '{"iris_type":"Iris-setosa"}'
}

export const rowsPerBatch = 1000

// One flower of each species that no sensible model takes for another.
const flowers = [
  [[5.1, 3.5, 1.4, 0.2], 'Iris-setosa'],
  [[5.7, 2.8, 4.1, 1.3], 'Iris-versicolor'],
  [[6.3, 3.3, 6.0, 2.5], 'Iris-virginica']
] as const
const rows = Array.from({ length: rowsPerBatch }, (_, index) => flowers[index % flowers.length]!)

/** A batch of predictions, a line each. */
export const batch: Payload = {
  contentType: 'application/x-ndjson',
  body: rows.map(([dimensions]) => `${JSON.stringify({ iris_dimensions: dimensions })}\n`).join(''),
  expected: rows.map(([, label]) => `${JSON.stringify({ status: 200, body: { iris_type: label } })}\n`).join('')
}

/** Flask ends its JSON with a newline, which changes nothing. */
export function isExpected ({ expected }: Payload, body: string): boolean {
  return body === expected || body === `${expected}\n`
}

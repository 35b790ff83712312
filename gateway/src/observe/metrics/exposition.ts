import { Counter, Gauge, Histogram } from 'prom-client'
import type { Registry } from 'prom-client'
import type { Distribution } from './distribution.ts'

type Labels = Record<string, string>

/** A number and the labels that tell it from the metric's others. */
export type Reading<T> = readonly [labels: Labels, value: T]

/** What a metric is called, and what it tells. */
export interface Description { name: string, help: string, labels?: string[] }

/** Offers numbers that are kept elsewhere and read when somebody asks; requests pay nothing for their names and labels. */
export class Exposition {
  readonly #registers: Registry[]

  constructor (registry: Registry) {
    this.#registers = [registry]
  }

  gauge ({ name, help, labels = [] }: Description, read: () => number | Iterable<Reading<number>>): void {
    const gauge: Gauge = new Gauge({
      name,
      help,
      labelNames: labels,
      registers: this.#registers,
      collect: () => {
        gauge.reset()
        for (const [values, value] of readings(read())) gauge.set(values, value)
      }
    })
  }

  counter ({ name, help, labels = [] }: Description, read: () => number | Iterable<Reading<number>>): void {
    const counter: Counter = new Counter({
      name,
      help,
      labelNames: labels,
      registers: this.#registers,
      collect: () => {
        counter.reset()
        for (const [values, value] of readings(read())) counter.inc(values, value)
      }
    })
  }

  histogram ({ name, help, labels = [] }: Description, read: () => Iterable<Reading<Distribution>>): void {
    // Registers itself.
    void new ReadHistogram({ name, help, labelNames: labels, registers: this.#registers }, read)
  }
}

function readings (read: number | Iterable<Reading<number>>): Iterable<Reading<number>> {
  return typeof read === 'number' ? [[{}, read]] : read
}

/** A histogram in prom-client's eyes, whose numbers are others'. */
class ReadHistogram extends Histogram {
  readonly #description: Pick<Description, 'name' | 'help'>
  readonly #read: () => Iterable<Reading<Distribution>>

  constructor (options: ConstructorParameters<typeof Histogram>[0], read: () => Iterable<Reading<Distribution>>) {
    super(options)
    this.#description = { name: options.name, help: options.help }
    this.#read = read
  }

  override async get (): ReturnType<Histogram['get']> {
    const { name } = this.#description
    const values = [...this.#read()].flatMap(([labels, distribution]) => samples(name, labels, distribution))
    return { ...this.#description, type: 'histogram', values, aggregator: 'sum' } as unknown as Awaited<ReturnType<Histogram['get']>>
  }

  /** What the registry asks for instead of `get`, where there is one. */
  getForPromString (): ReturnType<Histogram['get']> {
    return this.get()
  }
}

function samples (name: string, labels: Labels, { bounds, counts, sum }: Distribution) {
  let count = 0
  const buckets = counts.map((own, i) => {
    count += own
    return { metricName: `${name}_bucket`, labels: { ...labels, le: i < bounds.length ? String(bounds[i]) : '+Inf' }, value: count }
  })
  return [...buckets, { metricName: `${name}_sum`, labels, value: sum }, { metricName: `${name}_count`, labels, value: count }]
}

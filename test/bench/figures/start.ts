import type { Field } from '../peers/field.ts'
import { startGateway, startPredictor } from '../peers/product.ts'
import type { BenchScope } from '../scope.ts'
import type { Comparison, Quantity } from './figure.ts'

const ready: Quantity = { id: 'ready', title: 'start to ready, built', unit: 's', digits: 2 }

/** From the start of a process to its first readiness, of a second predictor and a second gateway, one after the other. */
export function startToReady (scope: BenchScope, { certificate, predictor }: Field): Comparison {
  const measure = (server: string, start: () => ReturnType<typeof startPredictor>) => async () => {
    const { readyAfter, stop } = await start()
    await stop()
    return [{ quantity: ready, server, value: readyAfter / 1000 }]
  }
  return [
    measure('gateway', () => startGateway(scope, certificate, predictor.url)),
    measure('predictor', () => startPredictor(scope))
  ]
}

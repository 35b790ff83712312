import { Distribution, durationBounds } from './distribution.ts'
import type { Exposition, Reading } from './exposition.ts'

/** Any other is told as `_OTHER`, as OpenTelemetry has it: a client can make up as many methods as it likes. */
const methods = new Set(['CONNECT', 'DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT', 'TRACE'])

function known (method: string): string {
  return methods.has(method) ? method : '_OTHER'
}

/** The requests of one kind of port: how many are under way, and how long those took that are over. */
export class RequestCounts {
  readonly #active = new Map<string, number>()
  /** By route, then method; a distribution for each class of status, 1xx to 5xx. */
  readonly #durations = new Map<string, Map<string, (Distribution | undefined)[]>>()

  started (method: string): void {
    const name = known(method)
    this.#active.set(name, (this.#active.get(name) ?? 0) + 1)
  }

  /** @param route one of few: never a path that a client has chosen */
  ended (method: string, route: string, status: number, seconds: number): void {
    const name = known(method)
    this.#active.set(name, this.#active.get(name)! - 1)
    let byMethod = this.#durations.get(route)
    if (byMethod === undefined) this.#durations.set(route, byMethod = new Map())
    let byClass = byMethod.get(name)
    if (byClass === undefined) byMethod.set(name, byClass = [])
    const distribution = byClass[Math.floor(status / 100)] ??= new Distribution(durationBounds)
    distribution.observe(seconds)
  }

  * active (scheme: string): Generator<Reading<number>> {
    for (const [method, count] of this.#active) yield [{ http_request_method: method, url_scheme: scheme }, count]
  }

  * durations (scheme: string): Generator<Reading<Distribution>> {
    for (const [route, byMethod] of this.#durations) {
      for (const [method, byClass] of byMethod) {
        for (const [digit, distribution] of byClass.entries()) {
          if (distribution === undefined) continue
          const http = { http_request_method: method, http_route: route, http_response_status_class: `${digit}xx` }
          yield [{ ...http, url_scheme: scheme }, distribution]
        }
      }
    }
  }
}

/** Under OpenTelemetry's names, but for the status: its class alone, since statuses are the upstream's to choose. */
export function exposeRequests (exposition: Exposition, requests: Record<string, RequestCounts>): void {
  const ports = Object.entries(requests)
  exposition.histogram({
    name: 'http_server_request_duration_seconds',
    help: 'Time from a request’s headers to the end of its answer.',
    labels: ['http_request_method', 'http_route', 'http_response_status_class', 'url_scheme']
  }, () => ports.flatMap(([scheme, counts]) => [...counts.durations(scheme)]))
  exposition.gauge({
    name: 'http_server_active_requests',
    help: 'Requests under way.',
    labels: ['http_request_method', 'url_scheme']
  }, () => ports.flatMap(([scheme, counts]) => [...counts.active(scheme)]))
}

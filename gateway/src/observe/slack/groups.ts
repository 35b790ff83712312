import type { Severity } from '../../alerts.ts'
import { merge } from './news.ts'
import type { News } from './news.ts'

/** News of a group that are to be told, with how many there have been of the same since the group was new. */
export interface Due { news: News, inAll: number }

/** All alerts of one matter. */
interface Group {
  /** In the order in which they came last. */
  untold: Map<Severity, News>
  inAll: Map<Severity, number>
  toldAt: number
  told: Severity | undefined
  /** How often its state was told within a period because it had changed. */
  changes: number
  /** What was taken of it is being told. */
  taken: boolean
}

// Down and up again and again: so often each change is told at once, then all of them in the summary.
const changesTold = 4

/**
 * What is to be told, and when: the first of a matter at once, what follows once a period, a change (trouble to recovery or
 * back) at once again. Holds a limited number of matters, whatever comes.
 */
export class Groups {
  readonly #most: number
  readonly #period: number
  readonly #groups = new Map<string, Group>()
  /** Tells everything as soon as may be: there will be no later. */
  hurried = false

  /**
   * @param most matters known at a time
   * @param period milliseconds from one telling of a matter to its next summary
   */
  constructor (most: number, period: number) {
    this.#most = most
    this.#period = period
  }

  /** @returns how many alerts there was no room for */
  add (news: News, now: number): number {
    const known = this.#groups.get(news.key)
    const group = known === undefined || this.#isOver(known, now) ? this.#open(news.key, now) : known
    if (group === undefined) return news.count
    const earlier = group.untold.get(news.severity)
    group.untold.delete(news.severity)
    group.untold.set(news.severity, earlier === undefined ? news : merge(earlier, news))
    group.inAll.set(news.severity, (group.inAll.get(news.severity) ?? 0) + news.count)
    return 0
  }

  /** Alerts that have not been told. */
  get untold (): number {
    let sum = 0
    for (const { untold } of this.#groups.values()) for (const { count } of untold.values()) sum += count
    return sum
  }

  /** When something is to be told next; `Infinity`: nothing is. */
  get nextDue (): number {
    let next = Infinity
    for (const group of this.#groups.values()) next = Math.min(next, this.#dueAt(group))
    return next
  }

  /** What is to be told now, of at most so many matters; what is told of them is settled by `told` or `failed`. */
  take (now: number, most: number): Due[] {
    const due: Due[] = []
    for (const group of this.#groups.values()) {
      if (this.#dueAt(group) > now) continue
      for (const news of group.untold.values()) due.push({ news, inAll: group.inAll.get(news.severity)! })
      group.untold = new Map()
      group.taken = true
      if (--most === 0) break
    }
    return due.sort((a, b) => a.news.last - b.news.last)
  }

  /** What was taken has been told. */
  told (taken: Due[], now: number): void {
    for (const { news: { key, severity } } of taken) {
      const group = this.#groups.get(key)!
      const changed = group.told !== undefined && group.told !== severity
      group.changes = now >= group.toldAt + this.#period ? 0 : group.changes + (changed ? 1 : 0)
      group.taken = false
      group.told = severity
      group.toldAt = now
    }
  }

  /** What was taken could not be told, and is to be told yet. */
  failed (taken: Due[]): void {
    for (const { news } of taken.toReversed()) {
      const group = this.#groups.get(news.key)!
      const later = group.untold.get(news.severity)
      group.taken = false
      if (later === undefined) group.untold = new Map([[news.severity, news], ...group.untold])
      else group.untold.set(news.severity, merge(news, later))
    }
  }

  #dueAt ({ untold, toldAt, told, changes }: Group): number {
    if (untold.size === 0) return Infinity
    if (this.hurried || told === undefined) return -Infinity
    const latest = [...untold.keys()].at(-1)!
    return latest !== told && changes < changesTold ? -Infinity : toldAt + this.#period
  }

  #open (key: string, now: number): Group | undefined {
    if (this.#groups.size >= this.#most) this.#forget(now)
    this.#groups.delete(key)
    if (this.#groups.size >= this.#most) return undefined
    const group: Group = { untold: new Map(), inAll: new Map(), toldAt: -Infinity, told: undefined, changes: 0, taken: false }
    this.#groups.set(key, group)
    return group
  }

  #forget (now: number): void {
    for (const [key, group] of this.#groups) if (this.#isOver(group, now)) this.#groups.delete(key)
  }

  /** Whether all is told, and it has been quiet for a period. */
  #isOver ({ untold, told, toldAt, taken }: Group, now: number): boolean {
    return untold.size === 0 && !taken && told !== undefined && now >= toldAt + this.#period
  }
}

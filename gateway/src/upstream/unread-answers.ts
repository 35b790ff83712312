import type { Readable } from 'node:stream'
import type { BodyMemory } from '../limits/body-memory.ts'
import { requestsAtOnce } from './backend.ts'
import { Turns } from './turns.ts'
import { UnreadAnswer } from './unread-answer.ts'

/** Upstream places that the answers one client does not take may occupy while others wait for one. */
const stalledMax = requestsAtOnce / 8

/**
 * Answers on their way from upstreams to clients that take them slowly. What a client has not taken is kept here, so that its
 * upstream is free as soon as it has said all. Where there is no more room the answer stalls: the upstream waits for the
 * client, which is nobody else's loss until places are scarce.
 */
export class UnreadAnswers {
  readonly #memory: BodyMemory
  readonly #isWaitedFor: () => boolean
  readonly #turns = new Turns()
  /** The oldest first. */
  readonly #stalled = new Map<string, Set<UnreadAnswer>>()

  /** @param isWaitedFor whether a request waits for an upstream with room */
  constructor (memory: BodyMemory, isWaitedFor: () => boolean) {
    this.#memory = memory
    this.#isWaitedFor = isWaitedFor
  }

  /** @returns the same bytes as `body`, which ends as soon as the upstream has no more */
  keep (body: Readable, client: string): Readable {
    return new UnreadAnswer(body, {
      take: (bytes) => this.#memory.take(client, bytes, true),
      give: (bytes) => this.#memory.give(client, bytes),
      mayPass: (bytes, retry) => this.#turns.mayPass(bytes, retry),
      stalled: (answer) => {
        const others = this.#stalled.get(client)
        if (others === undefined) this.#stalled.set(client, new Set([answer]))
        else others.add(answer)
        if (this.#isWaitedFor()) this.giveWay()
      },
      goesOn: (answer) => {
        const answers = this.#stalled.get(client)
        if (answers?.delete(answer) === true && answers.size === 0) this.#stalled.delete(client)
      }
    })
  }

  /** Somebody waits for a place: whoever keeps the most of them by taking nothing loses one, if that is many. */
  giveWay (): void {
    let most: Set<UnreadAnswer> | undefined
    for (const answers of this.#stalled.values()) {
      if (answers.size > (most?.size ?? stalledMax)) most = answers
    }
    const oldest = most?.values().next().value
    oldest?.destroy(new Error('cut off: the client takes none of many answers'))
  }
}

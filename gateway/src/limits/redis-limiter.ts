import type { FastifyBaseLogger } from 'fastify'
import { Redis } from 'ioredis'
import { raise } from '../alerts.ts'
import { Gcra, type Decision } from './gcra.ts'
import { gcraScript } from './gcra-script.ts'
import { MemoryLimiter, type MemoryLimiterOptions } from './memory-limiter.ts'
import { redisAddress } from './redis-address.ts'

/** Far more than a round trip in one data centre, even while Redis forks; too little for a client to notice. */
const REPLY_TIMEOUT_MS = 100
/** For dialling, TLS and authentication, which no request waits for. */
const CONNECT_TIMEOUT_MS = 1000
const LONGEST_REDIAL_PAUSE_MS = 1000
const KEY_PREFIX = 'model-edge:rate:'

export interface RedisLimiterOptions extends MemoryLimiterOptions {
  /** As {@link redisAddress} takes it. */
  url: string
  log: Pick<FastifyBaseLogger, 'info' | 'error'>
}

type ScriptedRedis = Redis & {
  admit (key: string, intervalMs: number, highestBacklogMs: number, capacityMs: number): Promise<[number, string]>
}

/**
 * One allowance a client, shared by all gateways through Redis 5 or newer, or Valkey.
 *
 * Redis is never a reason to refuse or to wait. Without an answer in time this process decides with its own
 * {@link MemoryLimiter}, which has seen every request that Redis admitted here, so that losing Redis gives nobody a
 * fresh burst: a request within the limit passes, and each gateway still admits no more than one allowance on its own.
 */
export class RedisLimiter {
  readonly burst: number
  readonly capacityMs: number
  /** Requests decided without Redis so far. */
  failures = 0
  /** Settles with the first attempt to connect: whether Redis is there. */
  readonly opened: Promise<boolean>

  readonly #gcra: Gcra
  readonly #local: MemoryLimiter
  readonly #redis: ScriptedRedis
  readonly #log: RedisLimiterOptions['log']
  /** Host and port, for the log. */
  readonly #store: string
  #away = false
  #closed = false
  #hangingUp = false
  #lastError: string | undefined

  /** @throws TypeError, RangeError for a URL or a limit that cannot be. */
  constructor ({ url, log, ...limit }: RedisLimiterOptions) {
    const address = redisAddress(url)
    this.#gcra = new Gcra(limit)
    this.#local = new MemoryLimiter(limit)
    this.burst = this.#gcra.burst
    this.capacityMs = this.#gcra.capacityMs
    this.#log = log
    this.#store = `${address.host}:${address.port}`
    this.#redis = new Redis({
      ...address,
      connectTimeout: CONNECT_TIMEOUT_MS,
      commandTimeout: CONNECT_TIMEOUT_MS, // bounds the handshake; a request waits for REPLY_TIMEOUT_MS
      disconnectTimeout: REPLY_TIMEOUT_MS,
      retryStrategy: (attempt) => Math.min(25 * 2 ** attempt, LONGEST_REDIAL_PAUSE_MS) * (0.75 + Math.random() / 4),
      // What could not be sent, or was not answered, has been decided here: sent later it would count twice.
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: 0,
      scripts: { admit: { lua: gcraScript, numberOfKeys: 1 } }
    }) as ScriptedRedis
    // Only the message: ioredis hangs the failed command on the error, and AUTH's arguments are the password.
    this.#redis.on('error', (error: NodeJS.ErrnoException) => { this.#lastError = error.message || error.code! })
    this.#redis.on('close', () => {
      this.#hangingUp = false
      this.#lost(this.#lastError ?? 'the connection was closed')
      this.#lastError = undefined
    })
    this.opened = new Promise((resolve) => {
      this.#redis.once('ready', () => resolve(true))
      this.#redis.once('close', () => resolve(false))
      this.#redis.once('end', () => resolve(false))
    })
  }

  /** Whether Redis answered the last time it was asked. */
  get connected (): boolean {
    return !this.#away && this.#redis.status === 'ready'
  }

  /** Asks for one request of the client `key`. Never rejects, and waits for Redis no longer than 100 ms. */
  async consume (key: string): Promise<Decision> {
    if (this.#redis.status !== 'ready') return this.#decideAlone(key)
    try {
      const [admitted, backlogMs] = await this.#ask(key)
      this.#found()
      if (admitted === 0) return this.#gcra.refusal(Number(backlogMs))
      this.#local.consume(key)
      return this.#gcra.admission(Number(backlogMs))
    } catch (error) {
      this.#lost((error as Error).message)
      return this.#decideAlone(key)
    }
  }

  /** Ends the connection; what is asked from now on is decided in this process. */
  close (): void {
    this.#closed = true
    this.#redis.disconnect()
  }

  #decideAlone (key: string): Decision {
    this.failures++
    return this.#local.consume(key)
  }

  #ask (key: string): Promise<[number, string]> {
    const { intervalMs, highestBacklogMs, capacityMs } = this.#gcra
    return new Promise((resolve, reject) => {
      let late: NodeJS.Immediate | undefined
      // When this process was the slow one, the answer is in the socket already: let it be read before giving up.
      const timer = setTimeout(() => {
        late = setImmediate(() => {
          reject(new Error(`no answer within ${REPLY_TIMEOUT_MS} ms`))
          this.#hangUp()
        })
      }, REPLY_TIMEOUT_MS)
      this.#redis.admit(KEY_PREFIX + key, intervalMs, highestBacklogMs, capacityMs).then(resolve, reject).finally(() => {
        clearTimeout(timer)
        clearImmediate(late)
      })
    })
  }

  /** A connection that leaves a request unanswered is given up and dialled anew: it may be dead without knowing. */
  #hangUp (): void {
    if (this.#hangingUp || this.#closed) return
    this.#hangingUp = true
    this.#redis.disconnect(true)
  }

  #lost (reason: string): void {
    if (this.#away || this.#closed) return
    this.#away = true
    const message = 'The shared rate limit is unreachable: each gateway limits on its own'
    this.#log.error({ store: this.#store, reason }, message)
  }

  #found (): void {
    if (!this.#away) return
    this.#away = false
    this.#log.info({ store: this.#store, failures: this.failures }, 'The shared rate limit is back')
    raise({ key: 'rate limit store', severity: 'recovery', service: 'gateway', what: 'The shared rate limit is back' })
  }
}

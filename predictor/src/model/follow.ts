import type { FastifyBaseLogger } from 'fastify'
import type { LoadedModel } from './load.ts'
import type { ModelVersions } from './versions.ts'

/** Milliseconds from the end of one look to the next. */
const interval = 2000
const longestInterval = 60_000
/** A look that finds nothing to take up may cost one part in so many of the time, however slow the disk and many the files. */
const share = 20

interface FollowOptions {
  readonly versions: ModelVersions
  /** Takes a model into service. */
  readonly use: (model: LoadedModel) => void
  readonly logger: Pick<FastifyBaseLogger, 'error'>
}

/**
 * Looks at the model's folder again and again, and takes what is to serve into service.
 * @returns ends that; resolves when nothing of it is under way
 */
export function followVersions ({ versions, use, logger }: FollowOptions): () => Promise<void> {
  let timer: NodeJS.Timeout
  let looking: Promise<void> = Promise.resolve()
  let isOver = false

  async function look (): Promise<void> {
    const start = performance.now()
    let model: LoadedModel | undefined
    try {
      model = await versions.look()
      if (model !== undefined) use(model)
    } catch (error) {
      logger.error({ err: error }, 'the model\'s folder could not be looked at')
    }
    const rest = model === undefined ? share * (performance.now() - start) : 0
    if (!isOver) next(Math.min(Math.max(interval, rest), longestInterval))
  }

  function next (delay: number): void {
    timer = setTimeout(() => { looking = look() }, delay).unref()
  }

  next(interval)
  return async () => {
    isOver = true
    versions.close()
    clearTimeout(timer)
    await looking
  }
}

/** What a person has to put right before the gateway can start, a sentence each. */
export class MistakesError extends Error {
  override name = 'MistakesError'
  readonly mistakes: string[]

  constructor (mistakes: string[]) {
    super(mistakes.join('\n'))
    this.mistakes = mistakes
  }
}

/** Runs an attempt; the mistakes it throws are added to `mistakes`, so that those of other attempts can be told with them. */
export async function collectMistakes<T> (mistakes: string[], attempt: () => T | Promise<T>): Promise<T | undefined> {
  try {
    return await attempt()
  } catch (error) {
    if (!(error instanceof MistakesError)) throw error
    mistakes.push(...error.mistakes)
    return undefined
  }
}

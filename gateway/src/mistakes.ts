/** What a person has to put right before the gateway can start, a sentence each. */
export class MistakesError extends Error {
  override name = 'MistakesError'
  readonly mistakes: string[]

  constructor (mistakes: string[]) {
    super(mistakes.join('\n'))
    this.mistakes = mistakes
  }
}

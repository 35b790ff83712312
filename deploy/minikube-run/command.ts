import { spawnSync } from 'node:child_process'

/** A step that did not work: a sentence for the person who ran it. */
export class StepError extends Error {}

/**
 * Runs a program with its output shown.
 * @throws {StepError} when it fails; its own output has said why
 */
export function run (program: string, ...args: string[]): void {
  process.stdout.write(`$ ${[program, ...args].join(' ')}\n`)
  const { status, signal, error } = spawnSync(program, args, { stdio: ['inherit', 'inherit', 'inherit'] })
  if (error !== undefined) throw new StepError(`${program} cannot be run: ${error.message}.`)
  if (status !== 0) throw new StepError(`${program} ${args[0]} failed (${signal ?? `exit code ${status}`}); its own words are above.`)
}

/** What a program answers, its output kept quiet. */
export interface Reply { status: number | null, stdout: string, stderr: string, missing: boolean }

/** Asks a program something; whether it failed is the caller's business. */
export function ask (program: string, ...args: string[]): Reply {
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: 'utf8', maxBuffer: 2 ** 26 })
  return { status, stdout: stdout ?? '', stderr: stderr ?? '', missing: (error as NodeJS.ErrnoException | undefined)?.code === 'ENOENT' }
}

/**
 * What a program answers when it works.
 * @throws {StepError} with its own words when it does not
 */
export function answerOf (program: string, ...args: string[]): string {
  const { status, stdout, stderr } = ask(program, ...args)
  if (status !== 0) throw new StepError(`${program} ${args.join(' ')} failed (exit code ${status}): ${stderr.trim() || stdout.trim()}`)
  return stdout
}

import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'

/** What a call meets after the process "died". */
class Died extends Error {}

const changing = ['renameSync', 'rmSync', 'openSync', 'writeFileSync', 'mkdirSync', 'chmodSync'] as const
let [watched, changes, last, dead] = ['', 0, Infinity, false]

for (const name of changing) {
  const original = fs[name] as (...args: unknown[]) => unknown
  Object.assign(fs, {
    [name]: (...args: unknown[]) => {
      const path = String(args[0])
      if (watched !== '' && path.startsWith(watched)) {
        if ((name === 'renameSync' || name === 'rmSync') && fs.existsSync(path) && ++changes === last) dead = true
        if (dead) throw new Died()
      }
      return original(...args)
    }
  })
}
syncBuiltinESMExports()

/**
 * Runs `work` in this process as if it were killed just before it renames or removes something in the folder for the
 * `step`-th time: from then on nothing in the folder can be changed, not by clean-up either. That is a hundredth of the
 * time of killing a process, as test/interrupted.test.ts does.
 *
 * @returns how many renames and removals there were, or undefined when it "died"
 */
export async function dyingAt (step: number, directory: string, work: () => Promise<unknown>): Promise<number | undefined> {
  [watched, changes, last, dead] = [directory, 0, step, false]
  try {
    await work()
    return dead ? undefined : changes
  } catch (error) {
    if (!(error instanceof Died)) throw error
    return undefined
  } finally {
    watched = ''
  }
}

import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'

// Loaded into a run of the command line: the process kills itself just before it renames or removes something in KILL_IN for
// the KILL_AT-th time, as a power cut would. With KILL_AT=0 it tells on standard error how many times that happened.
const { KILL_AT, KILL_IN = '' } = process.env
let changes = 0

for (const name of ['renameSync', 'rmSync'] as const) {
  const original = fs[name] as (...args: unknown[]) => unknown
  Object.assign(fs, {
    [name]: (...args: unknown[]) => {
      const path = String(args[0])
      if (path.startsWith(KILL_IN) && fs.existsSync(path) && ++changes === Number(KILL_AT)) process.kill(process.pid, 'SIGKILL')
      return original(...args)
    }
  })
}
syncBuiltinESMExports()
if (KILL_AT === '0') process.on('exit', () => console.error(changes))

import { checkModel } from './check.ts'

/** `pnpm model …`: what can be done with a model's folder from the command line. */
const usage = `usage: pnpm model check DIR
  says everything that is wrong with the model in DIR, a version's folder or one of several versions; exit 1 when anything is`

const [command, folder, ...more] = process.argv.slice(2)
if (command === 'check' && folder !== undefined && more.length === 0) {
  process.exitCode = await checkModel(folder)
} else {
  const got = process.argv.slice(2).join(' ')
  console.error(got === '' ? usage : `pnpm model takes "check DIR"; got ${JSON.stringify(got)}\n${usage}`)
  process.exitCode = 1
}

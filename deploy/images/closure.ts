import { cpSync, mkdirSync, readdirSync, readlinkSync, realpathSync, symlinkSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'

/**
 * Copies one installed package with all that it depends on, and nothing else, out of pnpm's `node_modules`:
 * `closure.ts PROJECT PACKAGE TARGET` makes TARGET a `node_modules` folder from which PACKAGE can be imported.
 *
 * pnpm keeps each package in a folder of its own, `.pnpm/ID/node_modules`, beside links to what it depends on. Following the
 * links finds the closure; the copy keeps the same shape, links and all. So it does with the links in `.pnpm/node_modules`,
 * for packages that import what they do not say they depend on, as tfjs-node does with long.
 */
const [project, name, target] = process.argv.slice(2)
if (project === undefined || name === undefined || target === undefined) throw new Error('usage: closure.ts PROJECT PACKAGE TARGET')

const store = realpathSync('node_modules/.pnpm')
const start = realpathSync(join(project, 'node_modules', name))
const closure = new Set<string>()
visit(start)
for (const id of closure) cpSync(join(store, id), join(target, '.pnpm', id), { recursive: true, verbatimSymlinks: true })
for (const shared of linksIn(join(store, 'node_modules'))) {
  if (closure.has(idOf(realpathSync(shared)))) link(join(target, '.pnpm', relative(store, shared)), readlinkSync(shared))
}
link(join(target, name), relative(dirname(resolve(target, name)), resolve(target, '.pnpm', relative(store, start))))
process.stdout.write(`${name} and what it needs: ${closure.size} packages in ${target}\n`)

/** Notes a package, and everything linked beside it. */
function visit (packageFolder: string): void {
  const id = idOf(packageFolder)
  if (closure.has(id)) return
  closure.add(id)
  for (const dependency of linksIn(join(store, id, 'node_modules'))) visit(realpathSync(dependency))
}

/** The folder in the store that a package is in. */
function idOf (packageFolder: string): string {
  return relative(store, packageFolder).split(sep)[0]!
}

function linksIn (modules: string): string[] {
  return readdirSync(modules, { withFileTypes: true }).flatMap((entry) => {
    const path = join(modules, entry.name)
    if (entry.isSymbolicLink()) return [path]
    return entry.name.startsWith('@') ? linksIn(path) : []
  })
}

function link (path: string, to: string): void {
  mkdirSync(dirname(path), { recursive: true })
  symlinkSync(to, path)
}

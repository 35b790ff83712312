import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { parse } from 'yaml'
import { fromSource, root, run } from './process.ts'
import { temporaryFolder } from './stack.ts'

/** How `pnpm compose` calls the program that works, of those with these scripts. */
async function callOf (t: TestContext, programs: Record<string, string>, ...args: string[]): Promise<string[]> {
  const folder = temporaryFolder(t)
  for (const [name, script] of Object.entries(programs)) writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
  const running = run(t, fromSource('deploy/compose.ts', ...args), { PATH: `${folder}:${process.env.PATH}`, COMPOSE_PROJECT_NAME: 'one' })
  assert.equal(await running.ended, 0, running.output())
  return running.output().trim().split(' ')
}

const none = 'exit 1'
const telling = 'echo $*'
const podmanCompose = (usage: string) => `[ "$1" = --help ] && echo "${usage}" || ${telling}`

const { services } = parse(readFileSync(join(root, 'deploy/compose.yaml'), 'utf8')) as { services: Record<string, { profiles?: string[] }> }
const profiles = [...new Set(Object.values(services).flatMap((service) => service.profiles ?? []))]
const all = profiles.flatMap((name) => ['--profile', name])
const podmanFile = ['--project-name', 'one', '--file', 'deploy/compose.yaml']
const dockerFiles = ['compose', ...podmanFile, '--file', 'deploy/compose/redis-first.yaml']

test('docker compose down ends what each profile started, which it would leave running', async (t) => {
  assert.ok(profiles.length >= 2)
  assert.deepEqual(await callOf(t, { docker: telling }, 'down', '--volumes'), [...dockerFiles, ...all, 'down', '--volumes'])
})

test('no other command is about a profile that is not named', async (t) => {
  assert.deepEqual(await callOf(t, { docker: telling }, '--profile', 'redis', 'ps'), [...dockerFiles, '--profile', 'redis', 'ps'])
})

test('podman-compose down: the same where it knows profiles; where it does not, all is ended anyway', async (t) => {
  const knows = { docker: none, 'podman-compose': podmanCompose('[--profile profile]') }
  assert.deepEqual(await callOf(t, knows, 'down'), [...podmanFile, ...all, 'down'])
  const older = { docker: none, 'podman-compose': podmanCompose('[--file file]') }
  assert.deepEqual(await callOf(t, older, 'down'), [...podmanFile, 'down'])
})

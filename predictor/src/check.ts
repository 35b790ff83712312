import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { quietenNativeLibrary, readConfig } from './config.ts'
import { ModelError, StartError } from './errors.ts'
import { type BackendName, startBackend } from './model/backend.ts'
import { checkVersion } from './model/load.ts'
import { findVersions, type VersionFolder, versionNumber } from './model/version-folder.ts'

/**
 * `--check`: everything that a start does before it listens, told in words.
 * @returns the exit code: 0 when the service would start and the highest version serve, 1 when not
 */
export function check (): Promise<number> {
  return exitCode(async () => {
    const { config, warnings } = readConfig()
    for (const warning of warnings) console.log(`warning: ${warning}`)
    console.log(`serves on ${config.host} port ${config.port}, admin on ${config.adminHost} port ${config.adminPort}`)
    const backend = await startBackend(config.backend)
    console.log(`backend ${backend.name}${backend.passedOver.map((reason) => `; not ${reason}`).join('')}`)
    const [highest] = await findVersions(config.modelDir)
    return isGood(highest!, backend.name)
  })
}

/**
 * `model check`: everything that is wrong with a model, told in words, a line each.
 * @param folder of one version, or of several: then all of them are checked
 * @returns the exit code: 0 when each would serve, 1 when not
 */
export function checkModel (folder: string): Promise<number> {
  return exitCode(async () => {
    const versions = await versionsIn(folder)
    quietenNativeLibrary()
    const { name: backend } = await startBackend('auto')
    let areGood = true
    for (const version of versions.reverse()) areGood = await isGood(version, backend) && areGood
    return areGood
  })
}

async function versionsIn (folder: string): Promise<VersionFolder[]> {
  const name = basename(folder)
  const alone = versionNumber.test(name) ? { folder, number: name } : { folder }
  try {
    const versions = await findVersions(folder)
    return versions[0]!.number === undefined ? [alone] : versions
  } catch (error) {
    // One that lacks its model.json may lack more.
    if (error instanceof ModelError && await isFolder(folder)) return [alone]
    throw error
  }
}

async function isFolder (path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() === true
}

async function isGood (version: VersionFolder, backend: BackendName): Promise<boolean> {
  const { folder } = version
  const found = await checkVersion(version, backend)
  if ('name' in found) {
    const { name, version, inputs, labels, golden } = found
    console.log(`model ${name} version ${version} in ${folder}: ${inputs.length} inputs, ${labels.length} labels, ${golden.length} golden examples agree`)
    return true
  }
  for (const mistake of found) console.error(`${folder}/${mistake}`)
  return false
}

async function exitCode (isRight: () => Promise<boolean>): Promise<number> {
  try {
    return await isRight() ? 0 : 1
  } catch (error) {
    if (!(error instanceof StartError)) throw error
    console.error(error.message)
    return 1
  }
}

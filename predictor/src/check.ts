import { readConfig } from './config.ts'
import { StartError } from './errors.ts'
import { startBackend } from './model/backend.ts'
import { loadModel } from './model/load.ts'

/**
 * `--check`: everything that a start does before it listens, told in words.
 * @returns the exit code: 0 when the service would start, 1 when not
 */
export async function check (): Promise<number> {
  try {
    const { config, warnings } = readConfig()
    for (const warning of warnings) console.log(`warning: ${warning}`)
    console.log(`serves on ${config.host} port ${config.port}, admin on ${config.adminHost} port ${config.adminPort}`)
    const backend = await startBackend(config.backend)
    console.log(`backend ${backend.name}${backend.passedOver.map((reason) => `; not ${reason}`).join('')}`)
    const { folder, signature } = await loadModel(config.modelDir, backend.name)
    console.log(`model ${signature.name} version ${signature.version} in ${folder}: ${signature.inputs.length} inputs, ` +
      `${signature.labels.length} labels, ${signature.golden.length} golden examples agree`)
    return 0
  } catch (error) {
    if (!(error instanceof StartError)) throw error
    console.error(error.message)
    return 1
  }
}

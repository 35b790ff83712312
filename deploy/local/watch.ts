import { watch } from 'node:fs'

// Editors write a file in several steps, and a checkout writes many files.
const settle = 150

/** Calls back once after each burst of changes in any of the folders. Does not keep the process alive. */
export function onChange (folders: string[], changed: () => void): void {
  let timer: NodeJS.Timeout | undefined
  for (const folder of folders) {
    watch(folder, { recursive: true, persistent: false }, () => {
      clearTimeout(timer)
      timer = setTimeout(changed, settle)
    })
  }
}

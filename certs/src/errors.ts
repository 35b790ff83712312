/** A refusal that the user can act on: one sentence, shown as it is, without a stack. */
export class CertsError extends Error {
  override name = 'CertsError'
}

const systemReasons = new Map([
  ['EACCES', 'permission denied'],
  ['EPERM', 'permission denied'],
  ['EROFS', 'the file system is read-only'],
  ['ENOSPC', 'no space is left'],
  ['ENOTDIR', 'a part of the path is a file, not a folder'],
  ['EEXIST', 'it is a file, not a folder'],
  ['EISDIR', 'it is a folder, not a file']
])

/**
 * @returns what the user reads on standard error: a sentence for refusals and for what the file system says, the stack for
 * everything else, which is a bug
 */
export function toSentence (error: unknown): string {
  if (error instanceof CertsError) return error.message
  if (!(error instanceof Error)) return String(error)
  const { code, path } = error as NodeJS.ErrnoException
  const reason = systemReasons.get(code ?? '')
  if (reason === undefined || path === undefined) return error.stack ?? error.message
  return `Cannot use ${path}: ${reason} (${code}).`
}

const longest = 80

/**
 * A value as JSON for a sentence ("got …"), cut to a readable length.
 * Deep nesting is named instead of written: `JSON.parse` takes 500,000 nested lists, `JSON.stringify` overflows.
 */
export function quote (value: unknown): string {
  if (typeof value === 'number' && !Number.isFinite(value)) return 'a number beyond double precision'
  let json: string | undefined
  try {
    json = JSON.stringify(value)
  } catch {
    return Array.isArray(value) ? 'a deeply nested list' : 'a deeply nested object'
  }
  if (json === undefined) return 'nothing'
  return json.length > longest ? `${json.slice(0, longest)}…` : json
}

// A URL with a password, or 20 and more characters that make no words: a token, a key, a hash.
const secretLooking = /:\/\/[^/]*@|hooks\.slack\.com|^(?=.*\d)(?=.*[A-Za-z])[A-Za-z0-9_+/=-]{20,}$|-----BEGIN/

/** A setting's value for a sentence; what looks like a secret pasted into the wrong variable is not repeated. */
export function quoteSetting (value: string): string {
  return secretLooking.test(value) ? `a value of ${value.length} characters, not shown` : quote(value)
}

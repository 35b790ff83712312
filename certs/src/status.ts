import type { IssuedCertificate } from './records.ts'

/** Days before its end in which a certificate is `expiring`. */
const SOON = 30 * 86_400_000

export type Status = 'valid' | 'expiring' | 'expired' | 'revoked' | 'not yet valid'

/** @param revoked when each was revoked, by serial */
export function statusOf ({ serial, certificate }: IssuedCertificate, revoked: Map<string, Date>, now: Date): Status {
  const left = Date.parse(certificate.validTo) - now.getTime()
  if (revoked.has(serial)) return 'revoked'
  if (left <= 0) return 'expired'
  if (Date.parse(certificate.validFrom) > now.getTime()) return 'not yet valid'
  return left < SOON ? 'expiring' : 'valid'
}

import { answerCases } from './answer-cases.ts'
import { bodyLengthCases } from './body-length-cases.ts'
import type { RawCase } from './case.ts'
import { chunkCases } from './chunk-cases.ts'
import { connectionCases } from './connection-cases.ts'
import { forwardingCases } from './forwarding-cases.ts'
import { headerCases } from './header-cases.ts'
import { requestLineCases } from './request-line-cases.ts'
import { targetCases } from './target-cases.ts'

/** Every case, by what it is about. */
export const rawCases: Record<string, RawCase[]> = {
  'the request line': requestLineCases,
  'the target': targetCases,
  'Host and header lines': headerCases,
  'the length of the body': bodyLengthCases,
  chunks: chunkCases,
  'several requests on a connection': connectionCases,
  'what is forwarded': forwardingCases,
  'the upstream’s answer': answerCases
}

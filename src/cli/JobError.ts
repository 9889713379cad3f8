import { type CodecReason, isCodecError } from "../Codec.ts"

/**
 * - InvalidJob: the job itself is wrong: no JSON, a missing or mistaken entry
 * - InvalidIdl: the IDL file is missing or has errors
 * - UnknownName: the IDL has no such type, service or method
 *
 * - Defect: a mistake of ours
 *
 * and the reasons of a `CodecError`.
 */
export type Tag = "InvalidJob" | "InvalidIdl" | "UnknownName" | "Defect" | CodecReason

/** Why a job of `decode` or `encode` has no answer. */
export class JobError extends Error {
  readonly tag: Tag
  constructor(tag: Tag, message: string) {
    super(message)
    this.tag = tag
  }
}

/** The job itself is wrong; the message says which entry and what is expected. */
export const invalidJob = (message: string): JobError => new JobError("InvalidJob", message)

/** One job's failure must not be another's, so even a defect becomes an answer. */
export const fromUnknown = (cause: unknown): JobError => {
  if (cause instanceof JobError) return cause
  if (isCodecError(cause)) return new JobError(cause.reason, cause.message)
  return new JobError("Defect", cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause))
}

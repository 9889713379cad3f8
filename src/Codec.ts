/**
 * Value to bytes and back. Synchronous, and ignorant of framing: a decoder is given exactly the bytes it may read.
 * `Writer` and `Reader` are a protocol's own; `volant/wire` has the ones that generated code uses.
 */
export interface Codec<in out A, in Writer, in Reader> {
  readonly encode: (writer: Writer, value: A) => void
  readonly decode: (reader: Reader) => A
}

/** Bytes are not a value of the expected type, or a value is not one of the IDL's type. Decoders and encoders throw nothing else. */
export class CodecError extends Error {
  readonly _tag = "CodecError"
  readonly reason: CodecReason
  constructor(reason: CodecReason, message: string) {
    super(message)
    this.reason = reason
  }
}

/**
 * - Truncated: the input ends inside the value
 * - Malformed: bytes no encoder writes
 * - LimitExceeded: depth or size over a limit
 * - MissingField: a required field is absent
 * - InvalidValue: a value to encode is not of the IDL's type
 */
export type CodecReason = "Truncated" | "Malformed" | "LimitExceeded" | "MissingField" | "InvalidValue"

/** Whether a codec failed, and not the program around it. */
export const isCodecError = (u: unknown): u is CodecError => u instanceof CodecError

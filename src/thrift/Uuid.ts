/** The 16 bytes of a UUID and its text, RFC 9562 section 4: network byte order, lower-case hexadecimal. */
import { CodecError } from "../Codec.ts"

const pattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** Whether it is text of the form 8-4-4-4-12, hexadecimal digits of either case. */
export const isUuid = (text: unknown): text is string => typeof text === "string" && pattern.test(text)

/** Writes 16 bytes at `at`, which must be there. Letters of either case are taken. */
export const write = (bytes: Buffer, at: number, text: string): void => {
  if (!isUuid(text))
    throw new CodecError("InvalidValue", `${String(text)} is not a uuid, 8-4-4-4-12 hexadecimal digits`)
  bytes.write(text.replaceAll("-", ""), at, 16, "hex")
}

/** Reads 16 bytes from `at`, which must be there. */
export const read = (bytes: Buffer, at: number): string => {
  const hex = bytes.toString("hex", at, at + 16)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

/** Padding of DATA and HEADERS (RFC 9113 sections 6.1 and 6.2). */
import * as Http2Error from "./Http2Error.ts"
import { Http2Error as Failure } from "./Http2Error.ts"

/** How much there is, behind its length at `at` and the octets, in a payload of `length`. Throws for more than fits. */
export const check = (bytes: Buffer, at: number, length: number): number => {
  if (length === 0) throw new Failure(Http2Error.frameSizeError, "a padded frame without the length of its padding")
  const padding = bytes[at]!
  if (padding >= length) throw new Failure(Http2Error.protocolError, "more padding than frame")
  return padding
}

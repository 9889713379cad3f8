/**
 * Tells framing and protocol of a connection by its first bytes, so that one port serves every kind of client.
 *
 * A Binary message begins with 0x8001, a Compact one with 0x82, and a frame with its length, which has no such first
 * byte. An old Binary message without version begins with the length of its name: then the fifth byte tells, which is
 * a letter of the name, or zero when it is the length of a name within a frame.
 */
import { CodecError } from "../Codec.ts"
import type * as Framing from "./Framing.ts"
import type * as Message from "./Message.ts"

/** How a connection speaks, for all of its life. */
export interface Detected {
  readonly framing: Framing.Kind
  readonly protocol: Message.Protocol
}

/** undefined when more bytes are needed: six are always enough. Throws `CodecError` when this is not Thrift. */
export const detect = (bytes: Uint8Array, start: number, end: number): Detected | undefined => {
  if (start === end) return undefined
  const first = bytes[start]!
  if (first >= 0x80) return versioned(bytes, start, end, "buffered")
  if (end - start < 5) return undefined
  const fifth = bytes[start + 4]!
  if (isTls(bytes, start)) return refuse(bytes, start, end)
  if (fifth >= 0x80) return versioned(bytes, start + 4, end, "framed")
  if (fifth === 0) return { framing: "framed", protocol: "binary-nonstrict" }
  if (fifth === 0x10) return unsupported(bytes, start, end)
  return first === 0 ? { framing: "buffered", protocol: "binary-nonstrict" } : refuse(bytes, start, end)
}

const versioned = (bytes: Uint8Array, start: number, end: number, framing: Framing.Kind): Detected | undefined => {
  if (end - start < 2) return undefined
  const first = bytes[start]!
  const second = bytes[start + 1]!
  if (first === 0x80 && second === 0x01) return { framing, protocol: "binary" }
  if (first === 0x82 && (second & 0x1f) === 1) return { framing, protocol: "compact" }
  return refuse(bytes, start, end)
}

const unsupported = (bytes: Uint8Array, start: number, end: number): undefined => {
  if (end - start < 6) return undefined
  if (bytes[start + 5] !== 0x00) return refuse(bytes, start, end)
  throw new CodecError("Malformed", "the peer speaks TTHeader, which this server does not; use Framed or Buffered")
}

const refuse = (bytes: Uint8Array, start: number, end: number): never => {
  const shown = Buffer.from(bytes.subarray(start, Math.min(end, start + 8)))
  const guess = isHttp(bytes, start) ? "HTTP; " : isTls(bytes, start) ? "TLS; " : ""
  throw new CodecError(
    "Malformed",
    `the connection begins with ${shown.toString("hex")}: ${guess}not Framed or Buffered Thrift in Binary or Compact`
  )
}

/** A handshake record; as a frame it would have 352 MiB. */
const isTls = (bytes: Uint8Array, start: number): boolean => bytes[start] === 0x16 && bytes[start + 1] === 0x03

/** The request line of HTTP, or the preface of HTTP/2, as far as it is there. */
export const isHttp = (bytes: Uint8Array, start: number): boolean =>
  /^(GET|POST|PUT|HEAD|DELETE|OPTIONS|PATCH|CONNECT|PRI) /.test(
    Buffer.from(bytes.subarray(start, start + 8)).toString("latin1")
  )

/** GOAWAY (RFC 9113 section 6.8). */
import type { Writer } from "../../wire/Writer.ts"
import * as Frame from "./Frame.ts"
import type { ErrorCode } from "./Http2Error.ts"

/** A peer takes no further stream, or ends the connection. */
export interface GoAway {
  /** No stream above this one was or will be looked at. */
  readonly lastId: number
  readonly code: ErrorCode
  /** What the peer says about it, made printable and short. */
  readonly detail: string
}

/** Says that no stream is refused yet: the first step of a graceful end. */
export const everything = 0x7fff_ffff

const fixedSize = 8
const maxDetail = 512

/** Writes a frame; of `detail` so much as is of use. */
export const write = (writer: Writer, lastId: number, code: ErrorCode, detail: string): void => {
  const text = detail.slice(0, maxDetail)
  const at = Frame.begin(writer, fixedSize + text.length, Frame.goAway, Frame.none, 0)
  Frame.writeUint32(writer.bytes, at, lastId)
  Frame.writeUint32(writer.bytes, at + 4, code)
  writer.bytes.write(text, at + fixedSize, "latin1")
}

/** Reads a payload of at least `fixedSize` octets. */
export const read = (bytes: Buffer, start: number, end: number): GoAway => ({
  lastId: Frame.readUint31(bytes, start),
  code: Frame.readUint32(bytes, start + 4),
  detail: bytes
    .toString("latin1", start + fixedSize, Math.min(end, start + fixedSize + maxDetail))
    .replaceAll(/[^\u0020-\u007e]/g, "?")
})

/** Whether a payload is long enough. */
export const isWhole = (length: number): boolean => length >= fixedSize

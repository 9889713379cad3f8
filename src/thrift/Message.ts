/**
 * The header of a Thrift message: name, type and sequence id, in front of a struct. Layouts: Apache Thrift,
 * doc/specs/thrift-binary-protocol.md (with the older form without version) and thrift-compact-protocol.md.
 */
import { CodecError } from "../Codec.ts"
import type { Reader } from "../wire/Reader.ts"
import type { Writer } from "../wire/Writer.ts"
import type * as ThriftCodec from "./ThriftCodec.ts"
import * as Varint from "../wire/Varint.ts"

/** `binary` is the strict form, with a version; `binary-nonstrict` the older one, read and written only in kind. */
export type Protocol = "binary" | "binary-nonstrict" | "compact"

/** How the struct behind the header is encoded. */
export const bodyProtocol = (protocol: Protocol): ThriftCodec.Protocol =>
  protocol === "compact" ? "compact" : "binary"

/** A request that is answered. */
export const call = 1
/** A result: success or a declared exception. */
export const reply = 2
/** A TApplicationException instead of a result. */
export const exception = 3
/** A request that is not answered. */
export const oneway = 4

/** The four types of messages. */
export type Type = typeof call | typeof reply | typeof exception | typeof oneway

/** A header as a value. */
export interface Message {
  /** The method's name, or `Contract:method` where several contracts share a connection (TMultiplexedProtocol). */
  readonly name: string
  readonly type: Type
  /** 32 bits, signed. */
  readonly seqid: number
}

/** A header that `readHead` fills in place: on the hot path it is reused, and names stay bytes. */
export class Head {
  /** As it came: not necessarily one of `Type`. */
  type = 0
  seqid = 0
  /** The name's bytes in the reader's memory. */
  nameStart = 0
  nameEnd = 0
}

const versionMask = 0xffff0000 | 0
const version1 = 0x80010000 | 0
const compactId = 0x82
const compactVersion = 1

/** Reads a header and leaves the reader at the struct. Throws `CodecError`. */
export const readHead = (reader: Reader, protocol: Protocol, head: Head): void => {
  if (protocol === "binary") readStrict(reader, head)
  else if (protocol === "compact") readCompact(reader, head)
  else readNonStrict(reader, head)
}

const readStrict = (reader: Reader, head: Head): void => {
  reader.need(8)
  const { position, view } = reader
  const version = view.getInt32(position)
  if ((version & versionMask) !== version1) {
    throw new CodecError("Malformed", `a Binary message begins with 0x8001, this one with 0x${hex(version >>> 16)}`)
  }
  reader.position = position + 8
  readName(reader, view.getInt32(position + 4), head)
  reader.need(4)
  head.type = version & 0xff
  head.seqid = view.getInt32(reader.position)
  reader.position += 4
}

const readNonStrict = (reader: Reader, head: Head): void => {
  reader.need(4)
  const { view } = reader
  reader.position += 4
  readName(reader, view.getInt32(reader.position - 4), head)
  reader.need(5)
  head.type = view.getUint8(reader.position)
  head.seqid = view.getInt32(reader.position + 1)
  reader.position += 5
}

const readCompact = (reader: Reader, head: Head): void => {
  reader.need(2)
  const id = reader.bytes[reader.position]!
  const second = reader.bytes[reader.position + 1]!
  if (id !== compactId) {
    throw new CodecError("Malformed", `a Compact message begins with 0x82, this one with 0x${hex(id)}`)
  }
  if ((second & 0x1f) !== compactVersion) {
    throw new CodecError("Malformed", `version ${second & 0x1f} of Compact is unknown; only 1 is`)
  }
  reader.position += 2
  head.type = second >> 5
  head.seqid = Varint.readU32(reader) | 0
  readName(reader, Varint.readU32(reader) | 0, head)
}

const readName = (reader: Reader, length: number, head: Head): void => {
  if (length < 0) throw new CodecError("Malformed", `the name of a message has the length ${length}`)
  reader.need(length)
  head.nameStart = reader.position
  head.nameEnd = reader.position += length
}

/** Writes a header; `name` is UTF-8. */
export const writeHead = (writer: Writer, protocol: Protocol, type: Type, name: Uint8Array, seqid: number): void => {
  writer.reserve(name.length + 16)
  if (protocol === "compact") return writeCompact(writer, type, name, seqid)
  const { view } = writer
  const strict = protocol === "binary"
  let position = writer.position
  if (strict) {
    view.setInt32(position, version1 | type)
    position += 4
  }
  view.setInt32(position, name.length)
  position = copyName(writer, name, position + 4)
  if (!strict) view.setUint8(position++, type)
  view.setInt32(position, seqid)
  writer.position = position + 4
}

const writeCompact = (writer: Writer, type: Type, name: Uint8Array, seqid: number): void => {
  const { bytes, position } = writer
  bytes[position] = compactId
  bytes[position + 1] = (type << 5) | compactVersion
  writer.position = position + 2
  Varint.writeU32(writer, seqid)
  Varint.writeU32(writer, name.length)
  writer.position = copyName(writer, name, writer.position)
}

/** Names are short: up to some dozen bytes a loop is cheaper than a call into native code. */
const copyName = (writer: Writer, name: Uint8Array, position: number): number => {
  const { bytes } = writer
  const { length } = name
  if (length > 32) bytes.set(name, position)
  else for (let i = 0; i < length; i++) bytes[position + i] = name[i]!
  return position + length
}

/** A name's bytes, UTF-8, for `writeHead`. */
export const encodeName = (name: string): Buffer => Buffer.from(name, "utf8")

/** The name of a header that `readHead` has read, while its reader still has the same bytes. */
export const decodeName = (reader: Reader, head: Head): string =>
  reader.bytes.toString("utf8", head.nameStart, head.nameEnd)

/** A whole header at once, for where speed does not matter. Throws `CodecError`, also for a type that there is not. */
export const read = (reader: Reader, protocol: Protocol): Message => {
  const head = new Head()
  readHead(reader, protocol, head)
  const { seqid, type } = head
  if (!isType(type)) throw new CodecError("Malformed", `${type} is no type of message; 1 to 4 are`)
  return { name: decodeName(reader, head), type, seqid }
}

/** A whole header at once, as `read` reads it. */
export const write = (writer: Writer, protocol: Protocol, message: Message): void =>
  writeHead(writer, protocol, message.type, encodeName(message.name), message.seqid)

/** Whether a number is one of the four types. */
export const isType = (type: number): type is Type => type >= call && type <= oneway

/** `Contract:method` in its two parts, as TMultiplexedProtocol joins them. */
export const splitName = (name: string): { readonly contract: string | undefined; readonly method: string } => {
  const colon = name.indexOf(":")
  return colon < 0
    ? { contract: undefined, method: name }
    : { contract: name.slice(0, colon), method: name.slice(colon + 1) }
}

/** The inverse of `splitName`. */
export const joinName = (contract: string | undefined, method: string): string =>
  contract === undefined ? method : `${contract}:${method}`

const hex = (number: number): string => number.toString(16).padStart(2, "0")

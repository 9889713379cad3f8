/**
 * Messages as bytes, for queues, stores and caches.
 *
 * ```ts
 * import { Binary, WellKnown } from "volant/protobuf"
 *
 * const bytes = Binary.toBytes(WellKnown.Struct, { title: "Hello" })
 * export const { title } = Binary.fromBytes(WellKnown.Struct, bytes)
 * ```
 */
import { Reader } from "../wire/Reader.ts"
import { Writer } from "../wire/Writer.ts"
import * as Message from "./ProtobufMessage.ts"
import * as Read from "./ProtobufRead.ts"
import type * as Type from "./ProtobufType.ts"

/** How messages are written. */
export interface WriteOptions {
  /** Equal messages give equal bytes: maps are written in the order of their keys. Default false. */
  readonly deterministic?: boolean | undefined
}

/** How bytes are read. */
export interface ReadOptions {
  /** Nesting of messages. Default 100. */
  readonly maxDepth?: number | undefined
}

/** The bytes of a message. Throws a `CodecError` that says which field is not of its type. */
export const toBytes = <A>(message: Type.Message<A>, value: A, options: WriteOptions = {}): Uint8Array => {
  const writer = new Writer(256)
  const codec = options.deterministic === true ? Message.deterministic(message) : message.codec
  codec.encode(writer, value)
  return new Uint8Array(writer.toBytes())
}

/** The message of bytes, which must be all of it. Throws a `CodecError` for bytes that are no such message. */
export const fromBytes = <A>(message: Type.Message<A>, bytes: Uint8Array, options: ReadOptions = {}): A =>
  message.codec.decode(new Reader(bytes, { ...Read.limits, depth: options.maxDepth ?? Read.limits.depth }))

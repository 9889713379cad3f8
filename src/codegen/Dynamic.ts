/**
 * Bytes to JSON and JSON to bytes by an IDL alone, with nothing generated. Same bytes, limits and errors as generated code;
 * the JSON is that of `Json.ts`.
 */
import * as Result from "effect/Result"
import { CodecError, isCodecError } from "../Codec.ts"
import type { Protocol } from "../thrift/ThriftCodec.ts"
import { Reader } from "../wire/Reader.ts"
import { Writer } from "../wire/Writer.ts"
import * as DynamicReader from "./DynamicReader.ts"
import * as DynamicWriter from "./DynamicWriter.ts"
import type * as Ir from "./Ir.ts"
import type { Json } from "./Json.ts"

/** Writes a message; nothing is left behind when it fails. Throws `CodecError`, with the path of what is wrong. */
export const encode = (writer: Writer, protocol: Protocol, message: Ir.Message, json: unknown): void => {
  const start = writer.position
  try {
    DynamicWriter.writeMessage({ writer, ...DynamicWriter.wires[protocol] }, message, json, message.name)
  } catch (error) {
    writer.position = start
    throw asCodecError(error)
  }
}

/** Reads a message. Throws `CodecError`. */
export const decode = (reader: Reader, protocol: Protocol, message: Ir.Message): Json =>
  DynamicReader.readMessage({ reader, ...DynamicReader.wires[protocol] }, message)

/** The bytes of a message. */
export const toBytes = (
  message: Ir.Message,
  protocol: Protocol,
  json: unknown
): Result.Result<Uint8Array, CodecError> =>
  attempt(() => {
    const writer = new Writer(256)
    encode(writer, protocol, message, json)
    return writer.toBytes()
  })

/** The JSON of a message's bytes; what follows the message is not looked at. */
export const fromBytes = (
  message: Ir.Message,
  protocol: Protocol,
  bytes: Uint8Array
): Result.Result<Json, CodecError> => attempt(() => decode(new Reader(bytes), protocol, message))

const attempt = <A>(run: () => A): Result.Result<A, CodecError> => {
  try {
    return Result.succeed(run())
  } catch (error) {
    return Result.fail(asCodecError(error))
  }
}

const asCodecError = (error: unknown): CodecError => {
  if (isCodecError(error)) return error
  if (error instanceof RangeError) return new CodecError("LimitExceeded", "the value nests too deep to be written")
  throw error
}

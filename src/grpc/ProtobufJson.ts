/**
 * Canonical JSON of protobuf, both ways, derived from the description of messages.
 *
 * Source: protobuf.dev, "ProtoJSON Format".
 */
import { CodecError } from "../Codec.ts"
import * as JsonRead from "./ProtobufJsonRead.ts"
import * as JsonText from "./ProtobufJsonText.ts"
import * as JsonWrite from "./ProtobufJsonWrite.ts"
import type * as Type from "./ProtobufType.ts"

/** How values are written. */
export type WriteOptions = JsonWrite.Options
/** How JSON is read. */
export type ReadOptions = JsonRead.Options

/** A value as JSON: objects, arrays, strings, numbers, bools and null. Throws a `CodecError` for what has no form in JSON. */
export const toJson = <A>(message: Type.Message<A>, value: A, options: WriteOptions = {}): unknown =>
  JsonWrite.write(message, value, options)

/** A value as the text of JSON. */
export const toText = <A>(message: Type.Message<A>, value: A, options: WriteOptions = {}): string =>
  JsonText.print(JsonWrite.write(message, value, options))

/** The value of JSON. Throws a `CodecError` that says where it is not of the type. */
export const fromJson = <A>(message: Type.Message<A>, json: unknown, options: ReadOptions = {}): A =>
  JsonRead.read(message, json, options) as A

/** The value of a text of JSON. */
export const fromText = <A>(message: Type.Message<A>, text: string, options: ReadOptions = {}): A =>
  fromJson(message, JsonText.parse(text), options)

export { CodecError }

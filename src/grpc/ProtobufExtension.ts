/**
 * Extensions: fields that a message takes from elsewhere. A message keeps them among its unknown fields, as they came; these
 * functions read and write them there, by what the compiler generates for each `extend`.
 */
import { CodecError } from "../Codec.ts"
import { Reader } from "../wire/Reader.ts"
import { Writer } from "../wire/Writer.ts"
import * as Dynamic from "./ProtobufDynamic.ts"
import { unknownFields } from "./ProtobufMessage.ts"
import * as Read from "./ProtobufRead.ts"
import type * as Type from "./ProtobufType.ts"
import * as Write from "./ProtobufWrite.ts"

/** An extension of messages of type `M` whose value is a `V`. */
export interface Extension<in M, in out V> {
  /** The full name of the message that it extends. */
  readonly extendee: string
  readonly field: Type.Field
  /** What `getOrDefault` gives where it is absent. */
  readonly absent: V | undefined
  /** Only for inference; no value has it. */
  readonly "~extends"?: (message: M) => void
}

/** An extension of whatever message and type. */
export type Any = Extension<never, any>

type Extended = { readonly [unknownFields]?: Uint8Array | undefined }

/** An extension that is not repeated; generated code calls this. */
export const single = <M, V>(extendee: string, field: Type.Field, absent?: V): Extension<M, V> => ({
  extendee,
  field,
  absent
})

/** A repeated extension; generated code calls this. */
export const list = <M, V>(extendee: string, field: Type.Field): Extension<M, V> => ({
  extendee,
  field,
  absent: [] as unknown as V
})

/** Goes through fields; `take` reads the value of one behind its tag. */
const each = (unknown: Uint8Array | undefined, take: (reader: Reader, tag: number) => void): void => {
  if (unknown === undefined) return
  const reader = new Reader(unknown, Read.limits)
  Read.start()
  while (reader.position < reader.end) take(reader, Read.readTag(reader))
}

/** The value of an extension field among unknown fields; undefined when there is none. */
export const find = (unknown: Uint8Array | undefined, field: Type.Field): unknown => {
  const elements: Array<unknown> = []
  let value: unknown
  each(unknown, (reader, tag) => {
    if (tag >>> 3 !== field.number) Read.skip(reader, tag)
    else if (Dynamic.isRepeated(field)) Dynamic.readList(reader, tag, field, elements)
    else if ((tag & 7) !== Dynamic.wireTypeOf(field.type)) Read.skip(reader, tag)
    else value = Dynamic.read(reader, field.number, field.type, value)
  })
  return Dynamic.isRepeated(field) && elements.length > 0 ? elements : value
}

/** The unknown fields of the numbers that are wanted. */
const filter = (unknown: Uint8Array | undefined, isWanted: (number: number) => boolean): Uint8Array | undefined => {
  let wanted: Uint8Array | undefined
  each(unknown, (reader, tag) => {
    if (isWanted(tag >>> 3)) wanted = Read.keep(wanted, reader, tag)
    else Read.skip(reader, tag)
  })
  return wanted
}

/** Unknown fields with a value of an extension field in place of the one before: lower numbers first, then it, then higher. */
export const put = (unknown: Uint8Array | undefined, field: Type.Field, value: unknown): Uint8Array | undefined => {
  const writer = new Writer(256)
  Write.writeUnknown(
    writer,
    filter(unknown, (number) => number < field.number)
  )
  Dynamic.writeField(writer, field, value)
  Write.writeUnknown(
    writer,
    filter(unknown, (number) => number > field.number)
  )
  return writer.position === 0 ? undefined : new Uint8Array(writer.toBytes())
}

/** The value of an extension; undefined when it is absent. Fails with a `CodecError` where its bytes are not of its type. */
export const get = <M extends Extended, V>(message: M, extension: Extension<M, V>): V | undefined =>
  find(message[unknownFields], extension.field) as V | undefined

/** The value of an extension, or else what its IDL gives as default: of a repeated one, no elements. */
export const getOrDefault = <M extends Extended, V>(message: M, extension: Extension<M, V>): V | undefined =>
  get(message, extension) ?? extension.absent

/** Whether an extension is set. */
export const has = <M extends Extended, V>(message: M, extension: Extension<M, V>): boolean =>
  get(message, extension) !== undefined

/** The message with an extension set. Throws a `CodecError` when the value is not of its type. */
export const set = <M extends Extended, V>(message: M, extension: Extension<M, V>, value: V): M => {
  if (value === undefined)
    throw new CodecError("InvalidValue", `${extension.field.name} is set to undefined; use clear`)
  return { ...message, [unknownFields]: put(message[unknownFields], extension.field, value) }
}

/** The message without an extension. */
export const clear = <M extends Extended, V>(message: M, extension: Extension<M, V>): M => ({
  ...message,
  [unknownFields]: filter(message[unknownFields], (number) => number !== extension.field.number)
})

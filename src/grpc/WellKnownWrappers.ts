/** google.protobuf's wrappers: messages of one value, in TypeScript the value itself, so that a field is `T | undefined`. */
import type { Reader } from "../wire/Reader.ts"
import type { Writer } from "../wire/Writer.ts"
import * as Message from "./ProtobufMessage.ts"
import * as Read from "./ProtobufRead.ts"
import * as ScalarWrite from "./ProtobufScalarWrite.ts"
import * as Type from "./ProtobufType.ts"
import * as Write from "./ProtobufWrite.ts"

/** What canonical JSON of a wrapper is derived from. */
export const wrappedTypes = new WeakMap<Type.AnyMessage, Type.Scalar>()

const wrapper = <A>(
  name: string,
  type: Type.Scalar,
  wireType: number,
  zero: A,
  isSet: (value: A) => boolean,
  read: (reader: Reader) => A,
  write: (writer: Writer, tag: number, value: A) => void
): Type.Message<A> => {
  const tag = 8 + wireType
  const message = Message.wellKnown<A>({
    name: `google.protobuf.${name}`,
    fields: () => [],
    encode: (writer, value) => {
      if (isSet(value)) write(writer, tag, value)
    },
    decode: (reader, before) => {
      let value = before ?? zero
      while (reader.position < reader.end) {
        const next = Read.readTag(reader)
        if (next === tag) value = read(reader)
        else Read.pass(reader, next)
      }
      return value
    }
  })
  wrappedTypes.set(message, type)
  return message
}

const differs =
  <A>(zero: A) =>
  (value: A): boolean =>
    value !== zero

/** Of `google.protobuf.DoubleValue`. */
export const DoubleValue = wrapper(
  "DoubleValue",
  Type.double,
  1,
  0,
  Write.isSet,
  Read.readDouble,
  ScalarWrite.writeDoubleField
)
/** Of `google.protobuf.FloatValue`. */
export const FloatValue = wrapper(
  "FloatValue",
  Type.float,
  5,
  0,
  Write.isSet,
  Read.readFloat,
  ScalarWrite.writeFloatField
)
/** Of `google.protobuf.Int64Value`. */
export const Int64Value = wrapper(
  "Int64Value",
  Type.int64,
  0,
  0n,
  differs(0n),
  Read.readInt64,
  ScalarWrite.writeInt64Field
)
/** Of `google.protobuf.UInt64Value`. */
export const UInt64Value = wrapper(
  "UInt64Value",
  Type.uint64,
  0,
  0n,
  differs(0n),
  Read.readUint64,
  ScalarWrite.writeUint64Field
)
/** Of `google.protobuf.Int32Value`. */
export const Int32Value = wrapper(
  "Int32Value",
  Type.int32,
  0,
  0,
  differs(0),
  Read.readInt32,
  ScalarWrite.writeInt32Field
)
/** Of `google.protobuf.UInt32Value`. */
export const UInt32Value = wrapper(
  "UInt32Value",
  Type.uint32,
  0,
  0,
  differs(0),
  Read.readUint32,
  ScalarWrite.writeUint32Field
)
/** Of `google.protobuf.BoolValue`. */
export const BoolValue = wrapper<boolean>(
  "BoolValue",
  Type.bool,
  0,
  false,
  differs(false),
  Read.readBool,
  ScalarWrite.writeBoolField
)
/** Of `google.protobuf.StringValue`. */
export const StringValue = wrapper(
  "StringValue",
  Type.string,
  2,
  "",
  differs(""),
  Read.readString,
  Write.writeStringField
)
/** Of `google.protobuf.BytesValue`. */
export const BytesValue = wrapper<Uint8Array>(
  "BytesValue",
  Type.binary,
  2,
  new Uint8Array(0),
  (value) => value.length !== 0,
  Read.readBinary,
  Write.writeBinaryField
)

/** Writes and reads fields by their descriptions; of what no straight-line code exists for, as extensions. */
import type { Reader } from "../wire/Reader.ts"
import { Writer } from "../wire/Writer.ts"
import * as Read from "./ProtobufRead.ts"
import * as ScalarWrite from "./ProtobufScalarWrite.ts"
import type * as Type from "./ProtobufType.ts"
import * as Write from "./ProtobufWrite.ts"

interface Primitive {
  readonly wireType: number
  readonly read: (reader: Reader) => unknown
  readonly write: (writer: Writer, tag: number, value: never) => void
}

const primitive = (
  wireType: number,
  read: (reader: Reader) => unknown,
  write: (writer: Writer, tag: number, value: never) => void
): Primitive => ({ wireType, read, write })

const primitives: Record<Type.ScalarKind, Primitive> = {
  double: primitive(1, Read.readDouble, ScalarWrite.writeDoubleField),
  float: primitive(5, Read.readFloat, ScalarWrite.writeFloatField),
  int32: primitive(0, Read.readInt32, ScalarWrite.writeInt32Field),
  int64: primitive(0, Read.readInt64, ScalarWrite.writeInt64Field),
  int64Number: primitive(0, Read.readInt64Number, ScalarWrite.writeInt64NumberField),
  uint32: primitive(0, Read.readUint32, ScalarWrite.writeUint32Field),
  uint64: primitive(0, Read.readUint64, ScalarWrite.writeUint64Field),
  uint64Number: primitive(0, Read.readUint64Number, ScalarWrite.writeUint64NumberField),
  sint32: primitive(0, Read.readSint32, ScalarWrite.writeSint32Field),
  sint64: primitive(0, Read.readSint64, ScalarWrite.writeSint64Field),
  sint64Number: primitive(0, Read.readSint64Number, ScalarWrite.writeSint64NumberField),
  fixed32: primitive(5, Read.readFixed32, ScalarWrite.writeFixed32Field),
  fixed64: primitive(1, Read.readFixed64, ScalarWrite.writeFixed64Field),
  fixed64Number: primitive(1, Read.readFixed64Number, ScalarWrite.writeFixed64NumberField),
  sfixed32: primitive(5, Read.readSfixed32, ScalarWrite.writeSfixed32Field),
  sfixed64: primitive(1, Read.readSfixed64, ScalarWrite.writeSfixed64Field),
  sfixed64Number: primitive(1, Read.readSfixed64Number, ScalarWrite.writeSfixed64NumberField),
  bool: primitive(0, Read.readBool, ScalarWrite.writeBoolField),
  string: primitive(2, Read.readString, Write.writeStringField),
  anyString: primitive(2, Read.readAnyString, Write.writeStringField),
  binary: primitive(2, Read.readBinary, Write.writeBinaryField)
}

/** The wire type of a value. */
export const wireTypeOf = (type: Type.Type): number => {
  if (type.kind === "message") return 2
  if (type.kind === "group") return 3
  return type.kind === "enum" ? 0 : primitives[type.kind].wireType
}

/** Writes a value with its tag. */
export const write = (writer: Writer, number: number, type: Type.Type, value: unknown): void => {
  switch (type.kind) {
    case "message": {
      const start = Write.begin(writer, number * 8 + 2)
      type.message.wire.encode(writer, value)
      return Write.end(writer, start)
    }
    case "group":
      Write.writeTag(writer, number * 8 + 3)
      type.message.wire.encode(writer, value)
      return Write.writeTag(writer, number * 8 + 4)
    case "enum":
      return ScalarWrite.writeInt32Field(writer, number * 8, value as number)
    default:
      return primitives[type.kind].write(writer, number * 8 + primitives[type.kind].wireType, value as never)
  }
}

/** Reads the value behind a tag of the type's wire type; a message is merged into `before`. */
export const read = (reader: Reader, number: number, type: Type.Type, before?: unknown): unknown => {
  switch (type.kind) {
    case "message": {
      const outer = Read.enter(reader)
      const value: unknown = type.message.wire.decode(reader, before)
      Read.leave(reader, outer)
      return value
    }
    case "group": {
      const outer = Read.enterGroup(reader)
      const value: unknown = type.message.wire.decode(reader, before)
      Read.leaveGroup(reader, outer, number * 8 + 4)
      return value
    }
    case "enum":
      return Read.readInt32(reader)
    default:
      return primitives[type.kind].read(reader)
  }
}

/** Whether its value is a list, however it is written. */
export const isRepeated = (field: Type.Field): boolean => field.cardinality === "list" || field.cardinality === "packed"

/** Reads an element, or the elements that are packed behind a tag of wire type 2. */
export const readList = (reader: Reader, tag: number, field: Type.Field, into: Array<unknown>): void => {
  const wireType = wireTypeOf(field.type)
  if ((tag & 7) === wireType) {
    into.push(read(reader, field.number, field.type))
  } else if ((tag & 7) === 2 && wireType !== 3) {
    const outer = Read.narrow(reader)
    while (reader.position < reader.end) into.push(read(reader, field.number, field.type))
    reader.end = outer
  } else Read.skip(reader, tag)
}

/** Writes a field that is no map, with its tags: a list whole, packed where its field says so. */
export const writeField = (writer: Writer, field: Type.Field, value: unknown): void => {
  if (!isRepeated(field)) return write(writer, field.number, field.type, value)
  const elements = Write.list(value as ReadonlyArray<unknown>)
  if (field.cardinality === "list") {
    for (const element of elements) write(writer, field.number, field.type, element)
    return
  }
  if (elements.length === 0) return
  // Packed elements are values without tags; each is written with one, which is then left out.
  const single = new Writer(32)
  const start = Write.begin(writer, field.number * 8 + 2)
  for (const element of elements) {
    single.reset()
    write(single, 1, field.type, element)
    Write.writeUnknown(writer, single.bytes.subarray(1, single.position))
  }
  Write.end(writer, start)
}

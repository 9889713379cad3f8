/**
 * A checked .proto file as `google.protobuf.FileDescriptorProto`, what reflection gives and other tools read. It has all that
 * protoc's has but the places of the source (`source_code_info`).
 */
import * as Protobuf from "../grpc/Protobuf.ts"
import { Writer as WireWriter } from "../wire/Writer.ts"
import * as ProtoDefaults from "./ProtoDefaults.ts"
import type * as ProtoIr from "./ProtoIr.ts"
import * as ProtoRetention from "./ProtoRetention.ts"
import * as ProtoValueWriter from "./ProtoValueWriter.ts"

/** What of a file goes into its descriptor. */
export interface Options {
  /**
   * Also options that are for the source alone (`retention = RETENTION_SOURCE`), as protoc's `--retain_options` says. Default
   * true; code that runs has a descriptor without them.
   */
  readonly retainOptions?: boolean | undefined
}

class Writer extends WireWriter {
  readonly retainsOptions: boolean

  constructor(options: Options) {
    super()
    this.retainsOptions = options.retainOptions ?? true
  }
}

const string = (writer: Writer, id: number, value: string): void =>
  Protobuf.writeStringField(writer, ProtoValueWriter.tag(id, 2), value)

const number = (writer: Writer, id: number, value: number): void =>
  Protobuf.writeInt32Field(writer, ProtoValueWriter.tag(id, 0), value)

const flag = (writer: Writer, id: number, value: boolean): void => {
  if (value) Protobuf.writeBoolField(writer, ProtoValueWriter.tag(id, 0), true)
}

const inner = (writer: Writer, id: number, write: () => void): void => {
  const start = Protobuf.begin(writer, ProtoValueWriter.tag(id, 2))
  write()
  Protobuf.end(writer, start)
}

const options = (writer: Writer, id: number, value: ProtoIr.Options): void => {
  const kept = writer.retainsOptions ? value : ProtoRetention.runtime(value)
  if (kept.fields.length > 0) inner(writer, id, () => ProtoValueWriter.write(writer, kept))
}

/** `SymbolVisibility` */
const visibility = (writer: Writer, id: number, value: ProtoIr.Message["visibility"]): void => {
  if (value !== undefined) number(writer, id, value === "local" ? 1 : 2)
}

/** `FieldDescriptorProto.Type` */
const types: Record<ProtoIr.ScalarName, number> = {
  double: 1,
  float: 2,
  int64: 3,
  uint64: 4,
  int32: 5,
  fixed64: 6,
  fixed32: 7,
  bool: 8,
  string: 9,
  binary: 12,
  uint32: 13,
  sfixed32: 15,
  sfixed64: 16,
  sint32: 17,
  sint64: 18
}
const groupType = 10
const messageType = 11
const enumType = 14

const optionalLabel = 1
const requiredLabel = 2
const repeatedLabel = 3

const typeFields = (writer: Writer, type: ProtoIr.Single, isGroup: boolean): void => {
  if (type.kind === "scalar") return number(writer, 5, types[type.name])
  number(writer, 5, type.kind === "enum" ? enumType : isGroup ? groupType : messageType)
  string(writer, 6, `.${type.kind === "enum" ? type.enum.fullName : type.message.fullName}`)
}

/** The message that protoc makes for a map's entries. */
const entryName = (field: ProtoIr.Field): string => {
  const name = field.name.replace(/_+(.?)/g, (_, next: string) => next.toUpperCase())
  return `${name.charAt(0).toUpperCase()}${name.slice(1)}Entry`
}

const labelOf = (field: ProtoIr.Field, file: ProtoIr.File): number => {
  if (field.type.kind === "list" || field.type.kind === "map") return repeatedLabel
  // In editions it is a feature, which stands among the options.
  return field.presence === "required" && file.edition === "proto2" ? requiredLabel : optionalLabel
}

interface OneofIndexes {
  readonly of: ReadonlyMap<ProtoIr.Oneof, number>
  /** Those that protoc makes for proto3's `optional`. */
  readonly own: ReadonlyMap<ProtoIr.Field, number>
}

const writeField = (
  writer: Writer,
  field: ProtoIr.Field,
  file: ProtoIr.File,
  scope: string,
  oneofs: OneofIndexes | undefined
): void => {
  string(writer, 1, field.name)
  if (isExtension(field)) string(writer, 2, `.${field.extendee.fullName}`)
  number(writer, 3, field.id)
  number(writer, 4, labelOf(field, file))
  const { type } = field
  if (type.kind === "map") {
    number(writer, 5, messageType)
    string(writer, 6, `.${scope}.${entryName(field)}`)
  } else {
    typeFields(writer, type.kind === "list" ? type.element : type, field.group)
  }
  if (field.default !== undefined) string(writer, 7, ProtoDefaults.show(field, field.default))
  options(writer, 8, field.options)
  const index = field.oneof === undefined ? oneofs?.own.get(field) : oneofs?.of.get(field.oneof)
  if (index !== undefined) number(writer, 9, index)
  string(writer, 10, isExtension(field) ? ProtoDefaults.jsonName(field.name) : field.jsonName)
  flag(writer, 17, field.proto3Optional)
}

/** The features among the options: protoc gives those of a map to its strings. */
const features = (value: ProtoIr.Options): ProtoIr.Options => ({
  ...value,
  fields: value.fields.filter(([field]) => field.name === "features" && field.kind === "field")
})

const isExtension = (field: ProtoIr.Field): field is ProtoIr.Extension => field.kind === "extension"

const writeEntry = (writer: Writer, field: ProtoIr.Field): void => {
  if (field.type.kind !== "map") return
  const { key, value } = field.type
  string(writer, 1, entryName(field))
  for (const [id, name, type] of [[1, "key", key] as const, [2, "value", value] as const]) {
    inner(writer, 2, () => {
      string(writer, 1, name)
      number(writer, 3, id)
      number(writer, 4, optionalLabel)
      typeFields(writer, type, false)
      if (type.kind === "scalar" && type.name === "string") options(writer, 8, features(field.options))
      string(writer, 10, name)
    })
  }
  const mapEntry = 7
  inner(writer, 7, () => flag(writer, mapEntry, true))
}

/** Nested messages and the entries of maps, in the order of the source. */
const nested = (message: ProtoIr.Message): ReadonlyArray<ProtoIr.Message | ProtoIr.Field> => {
  const maps = message.fields.filter((field) => field.type.kind === "map")
  const all: ReadonlyArray<ProtoIr.Message | ProtoIr.Field> = [...message.messages, ...maps]
  return [...all].sort((a, b) => a.position.line - b.position.line || a.position.column - b.position.column)
}

const indexesOf = (message: ProtoIr.Message): OneofIndexes => {
  const count = message.oneofs.length
  const made = message.fields.filter((field) => field.proto3Optional)
  return {
    of: new Map(message.oneofs.map((oneof, index) => [oneof, index])),
    own: new Map(made.map((field, index) => [field, count + index]))
  }
}

/** A name that no field and oneof of the message has. */
const madeOneof = (message: ProtoIr.Message, field: ProtoIr.Field): string => {
  const taken = new Set([...message.fields, ...message.oneofs].map((each) => each.name))
  let name = `_${field.name}`
  while (taken.has(name)) name = `X${name}`
  return name
}

const writeRanges = (writer: Writer, id: number, ranges: ReadonlyArray<ProtoIr.Range>, beyond: number): void => {
  for (const range of ranges) {
    inner(writer, id, () => {
      number(writer, 1, range.start)
      number(writer, 2, range.end + beyond)
    })
  }
}

const writeMessage = (writer: Writer, message: ProtoIr.Message, file: ProtoIr.File): void => {
  const oneofs = indexesOf(message)
  string(writer, 1, message.name)
  for (const each of message.fields) inner(writer, 2, () => writeField(writer, each, file, message.fullName, oneofs))
  for (const each of nested(message)) {
    inner(writer, 3, () => (each.kind === "message" ? writeMessage(writer, each, file) : writeEntry(writer, each)))
  }
  for (const each of message.enums) inner(writer, 4, () => writeEnum(writer, each))
  for (const range of message.extensionRanges) {
    inner(writer, 5, () => {
      number(writer, 1, range.start)
      number(writer, 2, range.end + 1)
      options(writer, 3, range.options)
    })
  }
  for (const each of message.extensions) {
    inner(writer, 6, () => writeField(writer, each, file, message.fullName, undefined))
  }
  options(writer, 7, message.options)
  for (const oneof of message.oneofs) inner(writer, 8, () => writeOneof(writer, oneof))
  for (const field of oneofs.own.keys()) inner(writer, 8, () => string(writer, 1, madeOneof(message, field)))
  writeRanges(writer, 9, message.reservedRanges, 1)
  for (const name of message.reservedNames) string(writer, 10, name)
  visibility(writer, 11, message.visibility)
}

const writeOneof = (writer: Writer, oneof: ProtoIr.Oneof): void => {
  string(writer, 1, oneof.name)
  options(writer, 2, oneof.options)
}

const writeEnum = (writer: Writer, target: ProtoIr.Enum): void => {
  string(writer, 1, target.name)
  for (const member of target.members) {
    inner(writer, 2, () => {
      string(writer, 1, member.name)
      number(writer, 2, member.value)
      options(writer, 3, member.options)
    })
  }
  options(writer, 3, target.options)
  writeRanges(writer, 4, target.reservedRanges, 0)
  for (const name of target.reservedNames) string(writer, 5, name)
  visibility(writer, 6, target.visibility)
}

const writeService = (writer: Writer, service: ProtoIr.Service): void => {
  string(writer, 1, service.name)
  for (const method of service.methods) {
    inner(writer, 2, () => {
      string(writer, 1, method.name)
      string(writer, 2, `.${method.input.fullName}`)
      string(writer, 3, `.${method.output.fullName}`)
      options(writer, 4, method.options)
      flag(writer, 5, method.clientStreaming)
      flag(writer, 6, method.serverStreaming)
    })
  }
  options(writer, 3, service.options)
}

/** `google.protobuf.Edition` */
const editions: Partial<Record<ProtoIr.File["edition"], number>> = { "2023": 1000, "2024": 1001, "2026": 1002 }

const writeImports = (writer: Writer, file: ProtoIr.File): void => {
  const imports = file.imports.filter((each) => each.kind !== "option")
  for (const each of imports) string(writer, 3, each.file.path)
  for (const [index, each] of imports.entries()) {
    if (each.kind === "public") number(writer, 10, index)
    if (each.kind === "weak") number(writer, 11, index)
  }
  for (const each of file.imports) if (each.kind === "option") string(writer, 15, each.file.path)
}

const writeFile = (writer: Writer, file: ProtoIr.File): void => {
  string(writer, 1, file.path)
  if (file.package !== "") string(writer, 2, file.package)
  writeImports(writer, file)
  for (const each of file.messages) inner(writer, 4, () => writeMessage(writer, each, file))
  for (const each of file.enums) inner(writer, 5, () => writeEnum(writer, each))
  for (const each of file.services) inner(writer, 6, () => writeService(writer, each))
  for (const each of file.extensions) {
    inner(writer, 7, () => writeField(writer, each, file, file.package, undefined))
  }
  options(writer, 8, file.options)
  const edition = editions[file.edition]
  if (file.edition === "proto3") string(writer, 12, "proto3")
  if (edition === undefined) return
  string(writer, 12, "editions")
  number(writer, 14, edition)
}

/** The bytes of a `google.protobuf.FileDescriptorProto`; those of its imports are not in it. */
export const ofFile = (file: ProtoIr.File, options: Options = {}): Uint8Array => {
  const writer = new Writer(options)
  writeFile(writer, file)
  return writer.toBytes()
}

/** The bytes of a `google.protobuf.FileDescriptorSet`. */
export const setOf = (files: ReadonlyArray<ProtoIr.File>, options: Options = {}): Uint8Array => {
  const writer = new Writer(options)
  for (const file of files) inner(writer, 1, () => writeFile(writer, file))
  return writer.toBytes()
}

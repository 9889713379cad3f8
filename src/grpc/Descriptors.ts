/**
 * `FileDescriptorProto`s of what a server serves (google/protobuf/descriptor.proto), made from what generated code knows of
 * its messages. They describe the types, not the files that these came from: a file each for a type and those that refer to
 * it in a circle, so that files never do. Options and comments are not there.
 */
import { Writer } from "../wire/Writer.ts"
import * as Protobuf from "./Protobuf.ts"
import type * as Type from "./ProtobufType.ts"

/** One method of a service. */
export interface MethodTypes {
  readonly name: string
  readonly contract: string
  readonly request: Type.AnyMessage
  readonly response: Type.AnyMessage
  readonly takesStream: boolean
  readonly givesStream: boolean
}

/** One file, and the names of those that it needs. */
export interface File {
  readonly name: string
  readonly dependencies: ReadonlyArray<string>
  readonly bytes: Uint8Array
}

export interface Descriptors {
  /** By name. */
  readonly files: ReadonlyMap<string, File>
  /** Names of files by what they define: services, their methods, messages and enums, by full name. */
  readonly symbols: ReadonlyMap<string, string>
}

type Definition = Type.AnyMessage | Type.Enum

const nameOf = (definition: Definition): string => ("typeName" in definition ? definition.typeName : definition.name)

const parentOf = (name: string): string => name.slice(0, Math.max(0, name.lastIndexOf(".")))

const shortOf = (name: string): string => name.slice(name.lastIndexOf(".") + 1)

/** The well-known types are looked for in the files that everybody has them in. */
const standard = (name: string): string | undefined => {
  const [, short] = /^google\.protobuf\.(\w+)/.exec(name) ?? []
  if (short === undefined) return undefined
  if (["Struct", "Value", "ListValue", "NullValue"].includes(short)) return "struct"
  if (/^(Bool|Bytes|Double|Float|Int32|Int64|String|UInt32|UInt64)Value$/.test(short)) return "wrappers"
  return short.replaceAll(/(?<=.)[A-Z]/g, "_$&").toLowerCase()
}

/** Everything that the methods reach, described. */
export const make = (methods: ReadonlyArray<MethodTypes>): Descriptors => {
  const definitions = reach(methods)
  const tops = new Map<string, string>()
  for (const name of definitions.keys()) tops.set(name, topOf(definitions, name))
  const groups = groupsOf(definitions, tops)
  const files = new Map<string, File>()
  const symbols = new Map<string, string>()
  const fileOf = (name: string): string => `${groups.get(tops.get(name)!)!}.proto`
  const members = new Map<string, Array<Definition>>()
  for (const [name, definition] of definitions) {
    const file = fileOf(name)
    symbols.set(name, file)
    members.set(file, [...(members.get(file) ?? []), definition])
  }
  for (const [file, contents] of members) files.set(file, typeFile(file, contents, definitions, fileOf))
  for (const contract of new Set(methods.map((method) => method.contract))) {
    const own = methods.filter((method) => method.contract === contract)
    const file = serviceFile(contract, own, fileOf)
    files.set(file.name, file)
    symbols.set(contract, file.name)
    for (const { name } of own) symbols.set(`${contract}.${name}`, file.name)
  }
  return { files, symbols }
}

const referred = (definition: Definition): ReadonlyArray<Definition> =>
  "typeName" in definition
    ? definition
        .fields()

        .flatMap(({ type }): ReadonlyArray<Definition> =>
          type.kind === "enum" ? [type] : "message" in type ? [type.message] : []
        )
    : []

const reach = (methods: ReadonlyArray<MethodTypes>): ReadonlyMap<string, Definition> => {
  const found = new Map<string, Definition>()
  const waiting: Array<Definition> = methods.flatMap(({ request, response }) => [request, response])
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (found.has(nameOf(next))) continue
    found.set(nameOf(next), next)
    waiting.push(...referred(next))
  }
  return found
}

/** The outermost message that a definition is nested in, as far as it is known. */
const topOf = (definitions: ReadonlyMap<string, Definition>, name: string): string => {
  const parent = parentOf(name)
  return definitions.has(parent) ? topOf(definitions, parent) : name
}

/** The group of each top-level name: those that reach each other share one (Tarjan's strongly connected components). */
const groupsOf = (
  definitions: ReadonlyMap<string, Definition>,
  tops: ReadonlyMap<string, string>
): ReadonlyMap<string, string> => {
  const edges = new Map<string, Set<string>>()
  for (const [name, definition] of definitions) {
    const from = tops.get(name)!
    if (!edges.has(from)) edges.set(from, new Set())
    for (const to of referred(definition)) edges.get(from)!.add(tops.get(nameOf(to))!)
  }
  const index = new Map<string, number>()
  const low = new Map<string, number>()
  const stack: Array<string> = []
  const groups = new Map<string, string>()
  const visit = (name: string): void => {
    index.set(name, index.size)
    low.set(name, index.get(name)!)
    stack.push(name)
    for (const to of edges.get(name)!) {
      if (!index.has(to)) visit(to)
      if (!groups.has(to)) low.set(name, Math.min(low.get(name)!, low.get(to)!))
    }
    if (low.get(name) !== index.get(name)) return
    const known = standard(name)
    const group = known === undefined ? name.replaceAll(".", "/") : `google/protobuf/${known}`
    for (const member of stack.splice(stack.indexOf(name))) groups.set(member, group)
  }
  for (const name of edges.keys()) if (!index.has(name)) visit(name)
  return groups
}

const toBytes = (write: (writer: Writer) => void): Uint8Array => {
  const writer = new Writer(1024)
  write(writer)
  return writer.toBytes()
}

const nested = (writer: Writer, tag: number, write: () => void): void => {
  const start = Protobuf.begin(writer, tag)
  write()
  Protobuf.end(writer, start)
}

const head = (writer: Writer, name: string, packageName: string, dependencies: ReadonlyArray<string>): void => {
  Protobuf.writeStringField(writer, 0x0a, name)
  if (packageName !== "") Protobuf.writeStringField(writer, 0x12, packageName)
  for (const dependency of dependencies) Protobuf.writeStringField(writer, 0x1a, dependency)
}

/** What only proto2 can say. */
const isProto2 = (definition: Definition): boolean =>
  "typeName" in definition
    ? definition.fields().some(({ cardinality, type }) => cardinality === "required" || type.kind === "group")
    : definition.isClosed && definition.name !== "google.protobuf.NullValue"

const typeFile = (
  name: string,
  contents: ReadonlyArray<Definition>,
  all: ReadonlyMap<string, Definition>,
  fileOf: (name: string) => string
): File => {
  const needed = contents.flatMap(referred).map((each) => fileOf(nameOf(each)))
  const dependencies = Array.from(new Set(needed)).filter((each) => each !== name)
  const tops = contents.filter((each) => !all.has(parentOf(nameOf(each))))
  const isOld = contents.some(isProto2)
  const bytes = toBytes((writer) => {
    head(writer, name, parentOf(nameOf(tops[0]!)), dependencies)
    for (const top of tops) writeDefinition(writer, top, contents, isOld, 0x22, 0x2a)
    Protobuf.writeStringField(writer, 0x62, isOld ? "proto2" : "proto3")
  })
  return { name, dependencies, bytes }
}

const writeDefinition = (
  writer: Writer,
  definition: Definition,
  contents: ReadonlyArray<Definition>,
  isOld: boolean,
  messageTag: number,
  enumTag: number
): void => {
  if ("typeName" in definition) nested(writer, messageTag, () => writeMessage(writer, definition, contents, isOld))
  else nested(writer, enumTag, () => writeEnum(writer, definition))
}

const writeMessage = (
  writer: Writer,
  message: Type.AnyMessage,
  contents: ReadonlyArray<Definition>,
  isOld: boolean
): void => {
  Protobuf.writeStringField(writer, 0x0a, shortOf(message.typeName))
  const fields = message.fields()
  const real = Array.from(new Set(fields.flatMap(({ oneof }) => (oneof === undefined ? [] : [oneof]))))
  const synthetic = fields.filter((field) => !isOld && isOptional(field)).map(({ name }) => `_${name}`)
  const oneofs = [...real, ...synthetic]
  for (const field of fields) nested(writer, 0x12, () => writeField(writer, message, field, oneofs, isOld))
  for (const inner of contents) {
    if (parentOf(nameOf(inner)) === message.typeName) writeDefinition(writer, inner, contents, isOld, 0x1a, 0x22)
  }
  for (const field of fields) if (field.cardinality === "map") nested(writer, 0x1a, () => writeEntry(writer, field))
  for (const oneof of oneofs) nested(writer, 0x42, () => Protobuf.writeStringField(writer, 0x0a, oneof))
}

/** A field that proto3 has to call `optional`. */
const isOptional = ({ cardinality, oneof, type }: Type.Field): boolean =>
  cardinality === "explicit" && oneof === undefined && type.kind !== "message"

const numbers: Readonly<Record<string, number>> = {
  double: 1,
  float: 2,
  int64: 3,
  uint64: 4,
  int32: 5,
  fixed64: 6,
  fixed32: 7,
  bool: 8,
  string: 9,
  anyString: 9,
  group: 10,
  message: 11,
  binary: 12,
  uint32: 13,
  enum: 14,
  sfixed32: 15,
  sfixed64: 16,
  sint32: 17,
  sint64: 18
}

const writeType = (writer: Writer, type: Type.Type): void => {
  Protobuf.writeInt32Field(writer, 0x28, numbers[type.kind.replace("Number", "")]!)
  if (type.kind === "enum") Protobuf.writeStringField(writer, 0x32, `.${type.name}`)
  else if ("message" in type) Protobuf.writeStringField(writer, 0x32, `.${type.message.typeName}`)
}

/** The name of the message that a map is a list of, as compilers make it. */
const entryOf = ({ name }: Type.Field): string =>
  `${name.replaceAll(/(?:^|_)+(.)/g, (_, next: string) => next.toUpperCase())}Entry`

const writeField = (
  writer: Writer,
  message: Type.AnyMessage,
  field: Type.Field,
  oneofs: ReadonlyArray<string>,
  isOld: boolean
): void => {
  const { cardinality, jsonName, name, number, oneof, type } = field
  const isRepeated = cardinality === "list" || cardinality === "packed" || cardinality === "map"
  Protobuf.writeStringField(writer, 0x0a, name)
  Protobuf.writeInt32Field(writer, 0x18, number)
  Protobuf.writeInt32Field(writer, 0x20, isRepeated ? 3 : cardinality === "required" ? 2 : 1)
  if (cardinality === "map") {
    Protobuf.writeInt32Field(writer, 0x28, 11)
    Protobuf.writeStringField(writer, 0x32, `.${message.typeName}.${entryOf(field)}`)
  } else writeType(writer, type)
  const needsNote = (cardinality === "packed" && isOld) || (cardinality === "list" && !isOld && isPackable(type))
  if (needsNote) nested(writer, 0x42, () => Protobuf.writeBoolField(writer, 0x10, cardinality === "packed"))
  const isProto3Optional = !isOld && isOptional(field)
  const group = oneof ?? (isProto3Optional ? `_${name}` : undefined)
  if (group !== undefined) Protobuf.writeInt32Field(writer, 0x48, oneofs.indexOf(group))
  Protobuf.writeStringField(writer, 0x52, jsonName)
  if (isProto3Optional) Protobuf.writeBoolField(writer, 0x88, true)
}

const isPackable = ({ kind }: Type.Type): boolean =>
  kind !== "string" && kind !== "anyString" && kind !== "binary" && kind !== "message" && kind !== "group"

const writeEntry = (writer: Writer, field: Type.Field): void => {
  Protobuf.writeStringField(writer, 0x0a, entryOf(field))
  const part = (name: string, number: number, type: Type.Type) =>
    nested(writer, 0x12, () => {
      Protobuf.writeStringField(writer, 0x0a, name)
      Protobuf.writeInt32Field(writer, 0x18, number)
      Protobuf.writeInt32Field(writer, 0x20, 1)
      writeType(writer, type)
      Protobuf.writeStringField(writer, 0x52, name)
    })
  part("key", 1, field.mapKey!)
  part("value", 2, field.type)
  nested(writer, 0x3a, () => Protobuf.writeBoolField(writer, 0x38, true))
}

const writeEnum = (writer: Writer, { members, name }: Type.Enum): void => {
  Protobuf.writeStringField(writer, 0x0a, shortOf(name))
  // An open enum begins with its zero.
  const entries = Object.entries(members).sort(([, a], [, b]) => (a === 0 ? -1 : b === 0 ? 1 : 0))
  for (const [member, number] of entries) {
    nested(writer, 0x12, () => {
      Protobuf.writeStringField(writer, 0x0a, member)
      Protobuf.writeInt32Field(writer, 0x10, number)
    })
  }
  if (new Set(Object.values(members)).size === entries.length) return
  nested(writer, 0x1a, () => Protobuf.writeBoolField(writer, 0x10, true))
}

const serviceFile = (contract: string, methods: ReadonlyArray<MethodTypes>, fileOf: (name: string) => string): File => {
  const name = `${contract.replaceAll(".", "/")}.proto`
  const needed = methods.flatMap(({ request, response }) => [fileOf(request.typeName), fileOf(response.typeName)])
  const dependencies = Array.from(new Set(needed))
  const bytes = toBytes((writer) => {
    head(writer, name, parentOf(contract), dependencies)
    nested(writer, 0x32, () => {
      Protobuf.writeStringField(writer, 0x0a, shortOf(contract))
      for (const method of methods) nested(writer, 0x12, () => writeMethod(writer, method))
    })
    Protobuf.writeStringField(writer, 0x62, "proto3")
  })
  return { name, dependencies, bytes }
}

const writeMethod = (writer: Writer, method: MethodTypes): void => {
  Protobuf.writeStringField(writer, 0x0a, method.name)
  Protobuf.writeStringField(writer, 0x12, `.${method.request.typeName}`)
  Protobuf.writeStringField(writer, 0x1a, `.${method.response.typeName}`)
  if (method.takesStream) Protobuf.writeBoolField(writer, 0x28, true)
  if (method.givesStream) Protobuf.writeBoolField(writer, 0x30, true)
}

/** Functions that read one message of a .proto file. */
import { block, type Doc, hardline, indent, lines, signature } from "./EmitDoc.ts"
import { property, quote } from "./EmitModule.ts"
import { Scope } from "./EmitNames.ts"
import { localNames, type Module, primitiveNames } from "./EmitProtoModule.ts"
import * as EmitProtoProgram from "./EmitProtoProgram.ts"
import { readerOf, singleDoc, tagOf, wireTypeOf, zeroOf } from "./EmitProtoTypes.ts"
import type * as ProtoIr from "./ProtoIr.ts"

interface Context {
  readonly module: Module
  readonly message: ProtoIr.Message
  /** The interface. */
  readonly name: string
  /** The local variable of each property. */
  readonly locals: ReadonlyMap<EmitProtoProgram.Property, string>
  readonly keepsUnknown: boolean
}

/** What is done where a tag was read. */
interface Case {
  readonly tag: number
  readonly statements: ReadonlyArray<Doc>
}

/** `case 8:` with its statements; a block where they declare names. */
const caseDoc = ({ statements, tag }: Case): Doc => {
  const all = [...statements, "break"]
  return statements.length === 1 ? [`case ${tag}:`, indent(hardline, lines(all))] : block(`case ${tag}: {`, all, "}")
}

/** The cases of one field: by its number, since the engine makes a table of cases that lie close together. */
const fieldDoc = (cases: ReadonlyArray<Case>): Doc => [
  `case ${cases[0]!.tag >>> 3}:`,
  indent(
    hardline,
    lines([
      ...cases.map(({ statements, tag }) => block(`if (tag === ${tag}) {`, [...statements, "continue"], "}")),
      "break"
    ])
  )
]

const keepUnknown = (context: Context, kept: () => string): string =>
  context.keepsUnknown ? `unknown = ${kept()}` : ""

/** An assignment of a number of a closed enum, or its keeping among the unknown fields. */
const closedEnum = (
  context: Context,
  declared: ProtoIr.Enum,
  id: number,
  take: (value: string) => string
): ReadonlyArray<Doc> => {
  const { module } = context
  const test = `if (${module.use("Message")}.isMember(${module.name(declared)}, number)) ${take("number")}`
  const kept = keepUnknown(context, () => `${module.primitive("keepEnum")}(unknown, ${tagOf(id, 0)}, number)`)
  return [`const number = ${module.primitive("readInt32")}(reader)`, test, ...(kept === "" ? [] : [`else ${kept}`])]
}

/** Statements that read a single value and hand it to `take`; `before` is what a message of the same field held. */
const single = (
  context: Context,
  field: ProtoIr.Field,
  type: ProtoIr.Single,
  take: (value: string) => string,
  before?: string
): ReadonlyArray<Doc> => {
  const { module } = context
  if (type.kind === "enum" && type.enum.closed) return closedEnum(context, type.enum, field.id, take)
  if (type.kind !== "message") return [take(`${module.primitive(`read${readerOf(module, field, type)}`)}(reader)`)]
  const decode = `${module.function(type.message, "decode")}(reader${before === undefined ? "" : `, ${before}`})`
  return field.delimited
    ? [
        `const outer = ${module.primitive("enterGroup")}(reader)`,
        take(decode),
        `${module.primitive("leaveGroup")}(reader, outer, ${tagOf(field.id, 4)})`
      ]
    : [
        `const outer = ${module.primitive("enter")}(reader)`,
        take(decode),
        `${module.primitive("leave")}(reader, outer)`
      ]
}

const listCases = (
  context: Context,
  field: ProtoIr.Field,
  element: ProtoIr.Single,
  local: string
): ReadonlyArray<Case> => {
  const { module } = context
  const statements = single(context, field, element, (value) => `${local}.push(${value})`)
  const cases = [{ tag: tagOf(field.id, wireTypeOf(field, element)), statements }]
  if (wireTypeOf(field, element) === 2 || element.kind === "message") return cases
  const loop: Doc =
    statements.length === 1
      ? `while (reader.position < reader.end) ${statements[0] as string}`
      : block("while (reader.position < reader.end) {", statements, "}")
  return [
    ...cases,
    {
      tag: tagOf(field.id, 2),
      statements: [`const outer = ${module.primitive("narrow")}(reader)`, loop, "reader.end = outer"]
    }
  ]
}

// A new one has a narrower type.
const isBinary = (type: ProtoIr.Type): boolean => type.kind === "scalar" && type.name === "binary"

type MapType = Extract<ProtoIr.Type, { readonly kind: "map" }>

// What is absent from an entry is its type's zero; an empty message is what a decoder makes of no bytes.
const itemOf = (context: Context, type: MapType): string =>
  type.value.kind === "message" ? `item ?? ${context.module.function(type.value.message, "decode")}(reader)` : "item"

// What is no member of a closed enum is told apart behind the entry.
const itemAnnotation = (type: ProtoIr.Single, name: string): string => {
  if (type.kind === "enum") return `: ${type.enum.closed ? "number" : name}`
  return isBinary(type) ? `: ${name}` : ""
}

const entryDocs = (context: Context, field: ProtoIr.Field, type: MapType): ReadonlyArray<Doc> => {
  const { module } = context
  const plain = { ...field, delimited: false }
  const itemTag = tagOf(2, wireTypeOf(plain, type.value))
  const isMessage = type.value.kind === "message"
  const itemType = singleDoc(module, field, type.value)
  const declared = isMessage
    ? `let item: ${itemType} | undefined`
    : `let item${itemAnnotation(type.value, itemType)} = ${zeroOf(module, field, type.value)}`
  const open: ProtoIr.Single = type.value.kind === "enum" ? { kind: "scalar", name: "int32" } : type.value
  const cases = [
    caseDoc({
      tag: tagOf(1, wireTypeOf(plain, type.key)),
      statements: single(context, plain, type.key, (value) => `key = ${value}`)
    }),
    caseDoc({
      tag: itemTag,
      statements: isMessage
        ? single(context, plain, open, (value) => `item = ${value}`, "item")
        : single(context, plain, open, (value) => `item = ${value}`)
    }),
    ["default:", indent(hardline, `${module.primitive("skip")}(reader, entryTag)`)]
  ]
  return [
    `let key = ${zeroOf(module, field, type.key)}`,
    declared,
    block(
      "while (reader.position < reader.end) {",
      [`const entryTag = ${module.primitive("readTag")}(reader)`, block("switch (entryTag) {", cases, "}")],
      "}"
    )
  ]
}

const mapCase = (context: Context, field: ProtoIr.Field, type: MapType, local: string): Case => {
  const { module } = context
  const put = `${local}.set(key, ${itemOf(context, type)})`
  const tag = tagOf(field.id, 2)
  const isClosed = type.value.kind === "enum" && type.value.enum.closed
  const keepRead = () => `${module.primitive("keepRead")}(unknown, reader, ${tag}, from)`
  const kept = isClosed ? keepUnknown(context, keepRead) : ""
  const last: ReadonlyArray<Doc> =
    type.value.kind === "enum" && isClosed
      ? [
          `if (${module.use("Message")}.isMember(${module.name(type.value.enum)}, item)) ${put}`,
          ...(kept === "" ? [] : [`else ${kept}`])
        ]
      : [put]
  const statements: ReadonlyArray<Doc> = [
    ...(isClosed && kept !== "" ? ["const from = reader.position"] : []),
    `const outer = ${module.primitive("narrow")}(reader)`,
    ...entryDocs(context, field, type),
    ...last,
    "reader.end = outer"
  ]
  return { tag, statements }
}

const fieldCases = (context: Context, field: ProtoIr.Field, local: string): ReadonlyArray<Case> => {
  const { type } = field
  if (type.kind === "list") return listCases(context, field, type.element, local)
  if (type.kind === "map") return [mapCase(context, field, type, local)]
  const statements = single(
    context,
    field,
    type,
    (value) => `${local} = ${value}`,
    type.kind === "message" ? local : undefined
  )
  return [{ tag: tagOf(field.id, wireTypeOf(field, type)), statements }]
}

const memberCase = (context: Context, field: ProtoIr.Field, tag: string, local: string): Case => {
  const type = field.type as ProtoIr.Single
  const take = (value: string): string => `${local} = { _tag: ${quote(tag)}, value: ${value} }`
  const before = type.kind === "message" ? `${local}?._tag === ${quote(tag)} ? ${local}.value : undefined` : undefined
  return { tag: tagOf(field.id, wireTypeOf(field, type)), statements: single(context, field, type, take, before) }
}

const cases = (context: Context): ReadonlyArray<Doc> => {
  const docs = new Map<ProtoIr.Field, ReadonlyArray<Case>>()
  for (const [each, local] of context.locals) {
    if (each.kind === "field") docs.set(each.field, fieldCases(context, each.field, local))
    else for (const { field, tag } of each.members) docs.set(field, [memberCase(context, field, tag, local)])
  }
  return EmitProtoProgram.byNumber(context.message.fields).map((field) => fieldDoc(docs.get(field)!))
}

const elementType = (context: Context, field: ProtoIr.Field): string => {
  const { module } = context
  const { type } = field
  if (type.kind === "list") return `${module.global("Array")}<${singleDoc(module, field, type.element)}>`
  if (type.kind !== "map") return singleDoc(module, field, type)
  return `${module.global("Map")}<${singleDoc(module, field, type.key)}, ${singleDoc(module, field, type.value)}>`
}

const declareLocal = (context: Context, each: EmitProtoProgram.Property, local: string): string => {
  const { module } = context
  const type = `${context.name}[${quote(each.key)}]`
  if (each.kind === "oneof") return `let ${local}: ${type}`
  const { field } = each
  if (field.type.kind === "list") return `let ${local}: ${elementType(context, field)} = []`
  if (field.type.kind === "map") return `let ${local} = new ${elementType(context, field)}()`
  if (field.presence === "explicit") return `let ${local}: ${type}`
  if (field.presence === "required") return `let ${local}!: ${type}`
  const isWider = field.type.kind === "enum" || isBinary(field.type)
  return `let ${local}${isWider ? `: ${type}` : ""} = ${zeroOf(module, field, field.type)}`
}

const takeBefore = (context: Context, each: EmitProtoProgram.Property, local: string): string => {
  const isShared = each.kind === "field" && (each.field.type.kind === "list" || each.field.type.kind === "map")
  const cast = isShared ? ` as ${elementType(context, each.field)}` : ""
  return `${local} = before.${each.key}${cast}`
}

const localsOf = (module: Module, message: ProtoIr.Message): ReadonlyMap<EmitProtoProgram.Property, string> => {
  const scope = new Scope(module.scope)
  for (const name of [...localNames, ...primitiveNames]) scope.taken.add(name)
  const properties = EmitProtoProgram.propertiesOf(module.program, message)
  return new Map(properties.map((each) => [each, scope.add(each.key)]))
}

const made = (context: Context): Doc => {
  const { message, module, name } = context
  const entries = [...context.locals].map(([each, local]) =>
    each.key === local ? local : `${property(each.key)}: ${local}`
  )
  const isError = module.program.errors.has(message)
  const object = entries.length === 0 ? "{}" : `{ ${entries.join(", ")} }`
  const receive = isError ? `${module.use("Message")}.receive(${name}, ` : ""
  const flat = isError ? `${receive}${object})` : object
  const call = context.keepsUnknown ? `return ${module.primitive("keeping")}(${flat}, unknown)` : `return ${flat}`
  if (call.length + 2 <= 120) return call
  const open = `return ${context.keepsUnknown ? `${module.primitive("keeping")}(` : ""}`
  const [head, end] = isError ? [`${receive}{`, "})"] : ["{", "}"]
  if (!context.keepsUnknown) return block(`${open}${head}`, entries, end, ",")
  return [open, indent(hardline, block(head, entries, `${end},`, ","), hardline, "unknown"), hardline, ")"]
}

/** The function that reads a message's fields, up to the reader's end, over those of `before`. */
export const decodeFunction = (module: Module, message: ProtoIr.Message): Doc => {
  const name = module.name(message)
  const keepsUnknown = module.program.options.keepUnknownFields
  const context: Context = { module, message, name, locals: localsOf(module, message), keepsUnknown }
  const taken = [
    ...[...context.locals].map(([each, local]) => takeBefore(context, each, local)),
    ...(keepsUnknown ? [`unknown = before[${module.use("unknownFields")}]`] : [])
  ]
  const rest = keepsUnknown
    ? `unknown = ${module.primitive("keep")}(unknown, reader, tag)`
    : `${module.primitive("pass")}(reader, tag)`
  const known = cases(context)
  const body: ReadonlyArray<Doc> = [
    ...[...context.locals].map(([each, local]) => declareLocal(context, each, local)),
    ...(keepsUnknown ? [`let unknown: ${module.global("Uint8Array")} | undefined`] : []),
    ...(taken.length === 0 ? [] : [block("if (before !== undefined) {", taken, "}")]),
    block(
      "while (reader.position < reader.end) {",
      [
        `const tag = ${module.primitive("readTag")}(reader)`,
        ...(known.length === 0 ? [] : [block("switch (tag >>> 3) {", known, "}")]),
        rest
      ],
      "}"
    ),
    made(context)
  ]
  const parameters = [`reader: ${module.use("Reader")}`, `${taken.length === 0 ? "_before" : "before"}?: ${name}`]
  return block([signature(`function ${module.function(message, "decode")}`, parameters, name), " {"], body, "}")
}

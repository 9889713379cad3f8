/** Functions that write one message of a .proto file. */
import { block, type Doc, group, hardline, indent, line, lines, signature } from "./EmitDoc.ts"
import { call, quote } from "./EmitModule.ts"
import type { Module } from "./EmitProtoModule.ts"
import * as EmitProtoProgram from "./EmitProtoProgram.ts"
import { tagOf, wireTypeOf, writerOf, zeroOf } from "./EmitProtoTypes.ts"
import type * as ProtoIr from "./ProtoIr.ts"

/** `if (condition) statement` on one line or two; more statements make a block. */
const when = (condition: string, statements: ReadonlyArray<Doc>): Doc =>
  statements.length === 1
    ? group(`if (${condition})`, indent(line, statements[0]!))
    : block(`if (${condition}) {`, statements, "}")

const loop = (head: string, statements: ReadonlyArray<Doc>): Doc =>
  statements.length === 1
    ? group(`for (${head})`, indent(line, statements[0]!))
    : block(`for (${head}) {`, statements, "}")

/** Between `begin` and `end`, so that the length stands before. */
const measured = (module: Module, tag: number, statements: ReadonlyArray<Doc>, name = "start"): ReadonlyArray<Doc> => {
  return [
    `const ${name} = ${module.primitive("begin")}(writer, ${tag})`,
    ...statements,
    `${module.primitive("end")}(writer, ${name})`
  ]
}

/** Statements that write a value with its tag; `id` differs from the field's in entries of maps. */
const single = (
  module: Module,
  field: ProtoIr.Field,
  type: ProtoIr.Single,
  id: number,
  value: string,
  name = "start"
): ReadonlyArray<Doc> => {
  if (type.kind !== "message") {
    const tag = tagOf(id, wireTypeOf(field, type))
    return [call(module.primitive(`write${writerOf(module, field, type)}Field`), ["writer", `${tag}`, value])]
  }
  const encode = call(module.function(type.message, "encode"), ["writer", value])
  if (!field.delimited) return measured(module, tagOf(id, 2), [encode], name)
  const tags = [tagOf(id, 3), tagOf(id, 4)].map((tag) => `${module.primitive("writeTag")}(writer, ${tag})`)
  return [tags[0]!, encode, tags[1]!]
}

const encodeMap = (
  module: Module,
  field: ProtoIr.Field,
  type: Extract<ProtoIr.Type, { readonly kind: "map" }>,
  value: string
): Doc =>
  loop(
    `const [key, item] of ${module.primitive("entries")}(${value})`,
    measured(module, tagOf(field.id, 2), [
      ...single(module, { ...field, delimited: false }, type.key, 1, "key"),
      ...single(module, { ...field, delimited: false }, type.value, 2, "item", "itemStart")
    ])
  )

const encodeList = (module: Module, field: ProtoIr.Field, element: ProtoIr.Single, value: string): Doc => {
  const writer = writerOf(module, field, element)
  // Bytes are never packed.
  if (!field.packed || writer === "Binary") {
    return loop(
      `const element of ${module.primitive("list")}(${value})`,
      single(module, field, element, field.id, "element")
    )
  }
  const write = call(module.primitive(`write${writer}`), ["writer", "element"])
  const elements = loop(`const element of ${value}`, [write])
  return when(`${module.primitive("list")}(${value}).length > 0`, measured(module, tagOf(field.id, 2), [elements]))
}

/** The condition under which an implicit field is written. */
const isSet = (module: Module, field: ProtoIr.Field, type: ProtoIr.Single, value: string): string => {
  if (type.kind === "scalar") {
    if (type.name === "binary") return `${value}.length > 0`
    if (type.name === "double" || type.name === "float") return `${module.primitive("isSet")}(${value})`
  }
  return `${value} !== ${zeroOf(module, field, type)}`
}

const encodeField = (module: Module, field: ProtoIr.Field, value: string): Doc => {
  const { type } = field
  if (type.kind === "map") return encodeMap(module, field, type, value)
  if (type.kind === "list") return encodeList(module, field, type.element, value)
  const condition = field.presence === "implicit" ? isSet(module, field, type, value) : `${value} !== undefined`
  return when(condition, single(module, field, type, field.id, value))
}

type Oneof = Extract<EmitProtoProgram.Property, { readonly kind: "oneof" }>

const caseDoc = (tag: string, statements: ReadonlyArray<Doc>, isBlock: boolean): Doc =>
  isBlock
    ? block(`case ${quote(tag)}: {`, [...statements, "break"], "}")
    : [`case ${quote(tag)}:`, indent(hardline, lines([...statements, "break"]))]

/** A switch over the members of a oneof whose numbers stand together; the first also refuses what is no member. */
const encodeRun = (
  module: Module,
  message: ProtoIr.Message,
  property: Oneof,
  run: ReadonlyArray<ProtoIr.Field>,
  isFirst: boolean
): Doc => {
  const value = `value.${property.key}`
  const cases = property.members
    .filter((member) => run.includes(member.field))
    .map(({ field, tag }) => {
      const statements = single(module, field, field.type as ProtoIr.Single, field.id, `${value}.value`)
      return caseDoc(tag, statements, statements.length === 3 && !field.delimited)
    })
  const others = property.members
    .filter((member) => !run.includes(member.field))
    .map(({ tag }, index, all): Doc => (index === all.length - 1 ? caseDoc(tag, [], false) : `case ${quote(tag)}:`))
  const refused = call(`throw ${module.use("Message")}.notMember`, [
    quote(`${message.fullName}.${property.oneof.name}`),
    value
  ])
  const rest: ReadonlyArray<Doc> = isFirst ? [...others, ["default:", indent(hardline, refused)]] : []
  return block(`if (${value} !== undefined) {`, [block(`switch (${value}._tag) {`, [...cases, ...rest], "}")], "}")
}

/** Statements in the order of numbers, as other encoders have it. */
const encodeFields = (module: Module, message: ProtoIr.Message, keyOf: Map<ProtoIr.Field, string>): Array<Doc> => {
  const body: Array<Doc> = []
  const properties = EmitProtoProgram.propertiesOf(module.program, message)
  const oneofs = new Map(properties.flatMap((each) => (each.kind === "oneof" ? [[each.oneof, each] as const] : [])))
  const begun = new Set<ProtoIr.Oneof>()
  const ordered = EmitProtoProgram.byNumber(message.fields)
  for (let i = 0; i < ordered.length; i++) {
    const { oneof } = ordered[i]!
    if (oneof === undefined) {
      const key = keyOf.get(ordered[i]!)!
      body.push(encodeField(module, ordered[i]!, ownValue(module, message, key, body)))
      continue
    }
    const from = i
    while (ordered[i + 1]?.oneof === oneof) i++
    body.push(encodeRun(module, message, oneofs.get(oneof)!, ordered.slice(from, i + 1), !begun.has(oneof)))
    begun.add(oneof)
  }
  return body
}

// Of an error, `message` and `name` are always there; `own` tells whether they are fields that are set.
const ownValue = (module: Module, message: ProtoIr.Message, key: string, body: Array<Doc>): string => {
  const isInherited = module.program.errors.has(message) && (key === "message" || key === "name")
  if (!isInherited) return `value.${key}`
  const field = message.fields.find((each) => each.oneof === undefined && keyIs(module, message, each, key))
  const zero = field?.presence === "implicit" ? ' ?? ""' : ""
  body.push(`const ${key} = ${module.use("Message")}.own(value, ${quote(key)})${zero}`)
  return key
}

const keyIs = (module: Module, message: ProtoIr.Message, field: ProtoIr.Field, key: string): boolean =>
  EmitProtoProgram.propertiesOf(module.program, message).some(
    (each) => each.kind === "field" && each.field === field && each.key === key
  )

/** The function that writes a message's fields. */
export const encodeFunction = (module: Module, message: ProtoIr.Message): Doc => {
  const properties = EmitProtoProgram.propertiesOf(module.program, message)
  const keys = new Map(properties.flatMap((each) => (each.kind === "field" ? [[each.field, each.key] as const] : [])))
  const body = encodeFields(module, message, keys)
  const keeps = module.program.options.keepUnknownFields
  if (keeps) body.push(`${module.primitive("writeUnknown")}(writer, value[${module.use("unknownFields")}])`)
  const isUsed = body.length > 0
  const parameters = [
    `${isUsed ? "writer" : "_writer"}: ${module.use("Writer")}`,
    `${isUsed ? "value" : "_value"}: ${module.name(message)}`
  ]
  return block([signature(`function ${module.function(message, "encode")}`, parameters, "void"), " {"], body, "}")
}

/** Functions that write one message in one protocol. */
import { block, type Doc, group, hardline, indent, line, lines, signature } from "./EmitDoc.ts"
import { call, quote } from "./EmitModule.ts"
import { Scope } from "./EmitNames.ts"
import * as EmitProgram from "./EmitProgram.ts"
import { fieldShape, type Shape } from "./EmitTypes.ts"
import * as EmitWire from "./EmitWire.ts"
import type * as Ir from "./Ir.ts"

/** One field to write: where its value is found and how. */
export interface Slot {
  readonly id: number
  readonly shape: Shape
  /** The expression of the value. */
  readonly value: string
}

/** `if (condition) statement` on one line or two. */
const ifShort = (condition: Doc, statement: Doc): Doc => group("if (", condition, ")", indent(line, statement))

/** The call that writes a nested message. */
const encodeMessage = (context: EmitWire.Context, message: Ir.Message, value: string): Doc => {
  const { module, protocol } = context
  const own = module.internal.get(`encode ${message.name} ${protocol}`)
  if (message.file === module.file && own !== undefined) return call(own, ["writer", value])
  return call(`${module.name(message)}.codec.${protocol.toLowerCase()}.encode`, ["writer", value])
}

/** Statements that write a value without a field header. */
const encodeValue = (context: EmitWire.Context, scope: Scope, shape: Shape, value: string): ReadonlyArray<Doc> => {
  const { protocol, wire } = context
  switch (shape.kind) {
    case "list":
    case "set": {
      const begin = shape.kind === "set" && !shape.isArray ? "writeSetBegin" : "writeListBegin"
      const inner = new Scope(scope)
      const element = inner.add("element")
      return [
        call(`${wire}.${begin}`, ["writer", `${EmitWire.typeOf(protocol, shape.element)}`, value]),
        loop(`const ${element} of ${value}`, encodeValue(context, inner, shape.element, element))
      ]
    }
    case "map": {
      const inner = new Scope(scope)
      const key = inner.add("key")
      const item = inner.add("item")
      const types = [shape.key, shape.value].map((each) => `${EmitWire.typeOf(protocol, each)}`)
      return [
        call(`${wire}.writeMapBegin`, ["writer", ...types, value]),
        loop(`const [${key}, ${item}] of ${value}`, [
          ...encodeValue(context, inner, shape.key, key),
          ...encodeValue(context, inner, shape.value, item)
        ])
      ]
    }
    case "message":
      return [encodeMessage(context, shape.message, value)]
    default:
      return [call(`${wire}.write${EmitWire.primitiveOf(shape)}`, ["writer", value])]
  }
}

const loop = (head: string, body: ReadonlyArray<Doc>): Doc =>
  body.length === 1 ? group(`for (${head})`, indent(line, body[0]!)) : block(`for (${head}) {`, body, "}")

/** Statements that write a field, header and value; in Compact `last` is the id of the field before. */
export const encodeField = (context: EmitWire.Context, scope: Scope, slot: Slot, last: string): ReadonlyArray<Doc> => {
  const { protocol, wire } = context
  const before = protocol === "Compact" ? [last] : []
  const primitive = EmitWire.primitiveOf(slot.shape)
  if (primitive !== undefined) {
    return [call(`${wire}.write${primitive}Field`, ["writer", ...before, `${slot.id}`, slot.value])]
  }
  const type = `${EmitWire.typeOf(protocol, slot.shape)}`
  return [
    call(`${wire}.writeFieldHeader`, ["writer", ...before, type, `${slot.id}`]),
    ...encodeValue(context, scope, slot.shape, slot.value)
  ]
}

/** `function name(writer: Writer, value: Type): void { ... }` */
export const encoder = (
  context: EmitWire.Context,
  name: string,
  type: Doc,
  body: ReadonlyArray<Doc>,
  parameter = "value",
  writer = "writer"
): Doc =>
  block(
    [
      signature(`function ${name}`, [`${writer}: ${context.module.use("Writer")}`, [`${parameter}: `, type]], "void"),
      " {"
    ],
    body,
    "}"
  )

/** Fields in the order of ids. */
export const byId = (fields: ReadonlyArray<Ir.Field>): ReadonlyArray<Ir.Field> =>
  [...fields].sort((a, b) => a.id - b.id)

/** What refuses a message without one of its required fields. */
export const missing = (context: EmitWire.Context, owner: string, field: Ir.Field): Doc =>
  call(`throw ${context.module.use("Message")}.missing`, [quote(owner), quote(field.name)])

/** Statements that write all fields of a struct and its end. */
export const encodeFields = (
  context: EmitWire.Context,
  owner: string,
  fields: ReadonlyArray<Ir.Field>,
  keys: ReadonlyMap<Ir.Field, string>,
  extras: { readonly isError: boolean; readonly keepsUnknown: boolean }
): ReadonlyArray<Doc> => {
  const { module, protocol, wire } = context
  const ordered = byId(fields)
  const tracksLast = protocol === "Compact" && (ordered.length > 1 || (extras.keepsUnknown && ordered.length > 0))
  const last = tracksLast ? "last" : "0"
  const body: Array<Doc> = tracksLast ? ["let last = 0"] : []
  ordered.forEach((field, index) => {
    const scope = new Scope()
    for (const name of ["value", "writer", "last", "error"]) scope.add(name)
    const key = keys.get(field)!
    const isInherited = extras.isError && (key === "message" || key === "name")
    const value = isInherited ? key : `value.${key}`
    if (isInherited) body.push(`const ${key} = ${module.use("Message")}.own(value, ${quote(key)})`)
    const isLast = index === ordered.length - 1 && !extras.keepsUnknown
    const advance = tracksLast && !isLast ? [`last = ${field.id}`] : []
    const slot = { id: field.id, shape: fieldShape(module, field), value }
    const statements = [...encodeField(context, scope, slot, last), ...advance]
    if (field.requiredness === "required") {
      body.push(ifShort(`${value} === undefined`, missing(context, owner, field)), ...statements)
    } else if (statements.length === 1) body.push(ifShort(`${value} !== undefined`, statements[0]!))
    else body.push(block(`if (${value} !== undefined) {`, statements, "}"))
  })
  if (extras.keepsUnknown) {
    const more = protocol === "Compact" ? [last] : []
    const kept = `value[${module.use("unknownFields")}]`
    body.push(call(`${module.use("UnknownFields")}.write${protocol}`, ["writer", kept, ...more]))
  }
  body.push(`${wire}.writeStop(writer)`)
  return body
}

/** The statements that write a union. */
const encodeUnion = (context: EmitWire.Context, message: Ir.Message): ReadonlyArray<Doc> => {
  const keys = EmitProgram.keysOf(context.module.program, message)
  const cases = byId(message.fields).map((field) => {
    const scope = new Scope()
    for (const name of ["value", "writer"]) scope.add(name)
    const slot = { id: field.id, shape: fieldShape(context.module, field), value: "value.value" }
    return [
      `case ${quote(keys.get(field)!)}:`,
      indent(hardline, lines([...encodeField(context, scope, slot, "0"), "break"]))
    ]
  })
  const refuse = `throw ${context.module.use("Message")}.notVariant(${quote(message.name)}, value)`
  if (cases.length === 0) return [refuse]
  return [
    block("switch (value._tag) {", [...cases, ["default:", indent(hardline, refuse)]], "}"),
    `${context.wire}.writeStop(writer)`
  ]
}

/** The function that writes a message. */
export const encodeFunction = (context: EmitWire.Context, message: Ir.Message, name: string): Doc => {
  const { module } = context
  const keys = EmitProgram.keysOf(module.program, message)
  const body =
    message.kind === "union"
      ? encodeUnion(context, message)
      : encodeFields(context, message.name, message.fields, keys, {
          isError: message.kind === "exception",
          keepsUnknown: message.kind === "struct" && module.program.options.keepUnknownFields
        })
  const keeps = message.kind === "struct" && module.program.options.keepUnknownFields
  const isUsed = message.fields.length > 0 || message.kind === "union" || keeps
  const isEmptyUnion = message.kind === "union" && message.fields.length === 0
  const writer = isEmptyUnion ? "_writer" : "writer"
  return encoder(context, name, module.name(message), body, isUsed ? "value" : "_value", writer)
}

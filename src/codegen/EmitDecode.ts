/** Functions that read one message in one protocol. */
import { block, bracket, type Doc, group, hardline, indent, line, lines, signature, typed } from "./EmitDoc.ts"
import { byId, missing } from "./EmitEncode.ts"
import { call, type Module, property, quote } from "./EmitModule.ts"
import { Scope } from "./EmitNames.ts"
import * as EmitProgram from "./EmitProgram.ts"
import { fieldShape, type Shape, shapeOf, typeDoc } from "./EmitTypes.ts"
import * as EmitWire from "./EmitWire.ts"
import type * as Ir from "./Ir.ts"

const decodeMessage = (context: EmitWire.Context, message: Ir.Message): Doc => {
  const { module, protocol } = context
  const own = module.internal.get(`decode ${message.name} ${protocol}`)
  if (message.file === module.file && own !== undefined) return call(own, ["reader"])
  return call(`${module.name(message)}.codec.${protocol.toLowerCase()}.decode`, ["reader"])
}

const strip = (type: Ir.Type): Ir.Type => (type.kind === "alias" ? strip(type.alias.type) : type)

interface Read {
  /** What must run before; empty for most. */
  readonly before: ReadonlyArray<Doc>
  readonly value: Doc
}

const readContainer = (
  context: EmitWire.Context,
  scope: Scope,
  shape: Shape,
  typeArguments: ReadonlyArray<Doc>,
  fill: (inner: Scope, container: string) => ReadonlyArray<Doc>
): Read => {
  const { module, protocol, wire } = context
  const isMap = shape.kind === "map"
  const isSet = shape.kind === "set" && !shape.isArray
  const container = scope.add(isMap ? "map" : isSet ? "set" : "list")
  const size = scope.add("size")
  const i = scope.add("i")
  const inner =
    shape.kind === "map"
      ? [shape.key, shape.value]
      : shape.kind === "list" || shape.kind === "set"
        ? [shape.element]
        : []
  const types = inner.map((each) => `${EmitWire.typeOf(protocol, each)}`)
  const global = module.global(isMap ? "Map" : isSet ? "Set" : "Array")
  const made = isMap || isSet ? [bracket(`new ${global}<`, typeArguments, ">"), "()"] : "[]"
  const annotation: Doc = isMap || isSet ? "" : bracket(`: ${global}<`, typeArguments, ">")
  return {
    before: [
      [`const ${size} = `, call(`${wire}.${isMap ? "readMapBegin" : "readListBegin"}`, ["reader", ...types])],
      [`const ${container}`, annotation, " = ", made],
      loop(`let ${i} = 0; ${i} < ${size}; ${i}++`, fill(new Scope(scope), container)),
      "reader.depth++"
    ],
    value: container
  }
}

const loop = (head: string, body: ReadonlyArray<Doc>): Doc =>
  body.length === 1 ? group(`for (${head})`, indent(line, body[0]!)) : block(`for (${head}) {`, body, "}")

/** How a value is read, of the shape of a type. */
const read = (context: EmitWire.Context, scope: Scope, type: Ir.Type, shape: Shape): Read => {
  const { module, wire } = context
  const plain = strip(type)
  switch (plain.kind) {
    case "list":
    case "set": {
      const element = shapeOf(module, plain.element)
      return readContainer(context, scope, shape, [typeDoc(module, plain.element)], (inner, container) => {
        const item = read(context, inner, plain.element, element)
        const add = shape.kind === "set" && !shape.isArray ? "add" : "push"
        return [...item.before, call(`${container}.${add}`, [item.value])]
      })
    }
    case "map": {
      const types = [typeDoc(module, plain.key), typeDoc(module, plain.value)]
      return readContainer(context, scope, shape, types, (inner, container) => {
        const key = read(context, inner, plain.key, shapeOf(module, plain.key))
        const name = inner.add("key")
        const value = read(context, inner, plain.value, shapeOf(module, plain.value))
        return [
          ...key.before,
          [`const ${name} = `, key.value],
          ...value.before,
          call(`${container}.set`, [name, value.value])
        ]
      })
    }
    case "message":
      return { before: [], value: decodeMessage(context, plain.message) }
    default:
      return { before: [], value: `${wire}.read${EmitWire.primitiveOf(shape)}(reader)` }
  }
}

/** One field that a decoder knows. */
export interface Target {
  readonly id: number
  readonly type: Ir.Type
  readonly shape: Shape
  /** The statement that takes the value. */
  readonly take: (value: Doc) => Doc
}

/** Whether what comes next is not the field's type, and so is skipped. */
const isOther = (context: EmitWire.Context, shape: Shape): string => {
  const { protocol, wire } = context
  const type = EmitWire.typeOf(protocol, shape)
  switch (shape.kind) {
    case "bool":
      return protocol === "Compact" ? "fieldType !== 1 && fieldType !== 2" : `fieldType !== ${type}`
    case "list":
    case "set":
      return `fieldType !== ${type} || !${wire}.isList(reader, ${EmitWire.typeOf(protocol, shape.element)})`
    case "map": {
      const types = [shape.key, shape.value].map((each) => EmitWire.typeOf(protocol, each)).join(", ")
      return `fieldType !== ${type} || !${wire}.isMap(reader, ${types})`
    }
    default:
      return `fieldType !== ${type}`
  }
}

const decodeCase = (context: EmitWire.Context, locals: Scope, target: Target): Doc => {
  const isBool = context.protocol === "Compact" && target.shape.kind === "bool"
  const scope = new Scope(locals)
  const { before, value } = isBool
    ? { before: [], value: "fieldType === 1" }
    : read(context, scope, target.type, target.shape)
  const body = [`if (${isOther(context, target.shape)}) break`, ...before, target.take(value), "continue"]
  return before.length === 0
    ? [`case ${target.id}:`, indent(hardline, lines(body))]
    : block(`case ${target.id}: {`, body, "}")
}

/** The loop over the fields of a struct; `skip` passes over what is not known. */
export const decodeLoop = (
  context: EmitWire.Context,
  locals: Scope,
  targets: ReadonlyArray<Target>,
  skip: Doc
): ReadonlyArray<Doc> => {
  const { protocol, wire } = context
  const isUsed = targets.length > 0 || JSON.stringify(skip).includes("fieldId")
  const header =
    protocol === "Binary"
      ? [
          `const fieldType = ${wire}.readFieldType(reader)`,
          "if (fieldType === 0) break",
          isUsed ? `const fieldId = ${wire}.readFieldId(reader)` : `${wire}.readFieldId(reader)`
        ]
      : [
          `const head = ${wire}.readFieldHead(reader)`,
          "if (head === 0) break",
          `fieldId = ${wire}.readFieldId(reader, head, fieldId)`,
          "const fieldType = head & 15"
        ]
  const cases = targets.map((target) => decodeCase(context, locals, target))
  const choose = targets.length === 0 ? [] : [block("switch (fieldId) {", cases, "}")]
  return [
    "reader.enter()",
    ...(protocol === "Compact" ? ["let fieldId = 0"] : []),
    block("for (;;) {", [...header, ...choose, skip], "}"),
    "reader.depth++"
  ]
}

/** `function name(reader: Reader): Type { ... }` */
export const decoder = (context: EmitWire.Context, name: string, type: Doc, body: ReadonlyArray<Doc>): Doc =>
  block([signature(`function ${name}`, [`reader: ${context.module.use("Reader")}`], type), " {"], body, "}")

/** Names that decoding functions use themselves; a field of such a name gets another local. */
export const reserve = (context: EmitWire.Context): Scope => {
  const scope = new Scope(context.module.scope)
  for (const name of ["reader", "fieldType", "fieldId", "head", "unknown", "union", ...context.module.imports]) {
    scope.taken.add(name)
  }
  for (const name of ["Map", "Set", "Array", "globalThis", "undefined"]) scope.taken.add(name)
  for (const name of context.module.internal.values()) scope.taken.add(name)
  return scope
}

/** An object literal of locals by key, on one line where it fits. */
const objectOf = (
  entries: ReadonlyArray<readonly [key: string, local: string]>,
  before: string,
  after: string
): Doc => {
  const items = entries.map(([key, local]) => (key === local ? key : `${property(key)}: ${local}`))
  return items.length === 0 ? `${before}{}${after}` : [bracket(`${before}{`, items, "}", line), after]
}

/** What a function that reads a struct is written from. */
export interface StructParts {
  readonly owner: string
  readonly typeName: string
  readonly fields: ReadonlyArray<Ir.Field>
  readonly keys: ReadonlyMap<Ir.Field, string>
  readonly keepsUnknown: boolean
  /** The constructor of an exception. */
  readonly construct: string | undefined
}

/** The statements that read a struct and return it. */
export const decodeFields = (context: EmitWire.Context, parts: StructParts): ReadonlyArray<Doc> => {
  const { module, protocol, wire } = context
  const scope = reserve(context)
  const ordered = byId(parts.fields)
  const locals = new Map(ordered.map((field) => [field, scope.add(parts.keys.get(field)!)]))
  const declared = ordered.map((field) => {
    const isAbsentElsewhere = field.requiredness === "required" || parts.construct !== undefined
    const type = `${parts.typeName}[${quote(parts.keys.get(field)!)}]`
    return typed(`let ${locals.get(field)!}`, isAbsentElsewhere ? [type, "undefined"] : [type])
  })
  const targets = ordered.map((field): Target => ({
    id: field.id,
    type: field.type,
    shape: fieldShape(module, field),
    take: (value) => group(`${locals.get(field)!} =`, indent(line, value))
  }))
  const kept = parts.keepsUnknown ? scope.add("unknown") : undefined
  const unknown = kept === undefined ? [] : [`let ${kept}: ${module.use("UnknownFields")}.UnknownFields | undefined`]
  const skip =
    kept === undefined
      ? `${wire}.skip(reader, fieldType)`
      : `${kept} = ${module.use("UnknownFields")}.keep${protocol}(${kept}, reader, fieldId, fieldType)`
  const checks = ordered
    .filter((field) => field.requiredness === "required")
    .map((field) =>
      group(`if (${locals.get(field)!} === undefined)`, indent(line, missing(context, parts.owner, field)))
    )
  const entries = ordered.map((field) => [parts.keys.get(field)!, locals.get(field)!] as const)
  const all = kept === undefined ? entries : [...entries, [`[${module.use("unknownFields")}]`, kept] as const]
  const returned =
    parts.construct === undefined ? objectOf(all, "return ", "") : constructed(module, parts.construct, all)
  return [...declared, ...unknown, ...decodeLoop(context, scope, targets, skip), ...checks, returned]
}

const constructed = (module: Module, name: string, entries: ReadonlyArray<readonly [string, string]>): Doc => {
  const receive = `return ${module.use("Message")}.receive(${name}, `
  return entries.length === 0 ? `${receive}undefined)` : objectOf(entries, receive, ")")
}

const decodeUnion = (context: EmitWire.Context, message: Ir.Message): ReadonlyArray<Doc> => {
  const { module, wire } = context
  const keys = EmitProgram.keysOf(module.program, message)
  const scope = reserve(context)
  const name = module.name(message)
  const targets = byId(message.fields).map((field): Target => ({
    id: field.id,
    type: field.type,
    shape: fieldShape(module, field),
    take: (value) => [
      "union = ",
      `${module.use("Message")}.only<${name}>(${quote(message.name)}, union, `,
      bracket("{", [`_tag: ${quote(keys.get(field)!)}`, ["value: ", value]], "}", line),
      ")"
    ]
  }))
  const empty = `throw ${module.use("Message")}.emptyUnion(${quote(message.name)})`
  if (targets.length === 0) return [...decodeLoop(context, scope, targets, `${wire}.skip(reader, fieldType)`), empty]
  return [
    `let union: ${name} | undefined`,
    ...decodeLoop(context, scope, targets, `${wire}.skip(reader, fieldType)`),
    group("if (union === undefined)", indent(line, empty)),
    "return union"
  ]
}

/** The function that reads a message. */
export const decodeFunction = (context: EmitWire.Context, message: Ir.Message, name: string): Doc => {
  const { module } = context
  const typeName = module.name(message)
  const body =
    message.kind === "union"
      ? decodeUnion(context, message)
      : decodeFields(context, {
          owner: message.name,
          typeName,
          fields: message.fields,
          keys: EmitProgram.keysOf(module.program, message),
          keepsUnknown: message.kind === "struct" && module.program.options.keepUnknownFields,
          construct: message.kind === "exception" ? typeName : undefined
        })
  return decoder(context, name, typeName, body)
}

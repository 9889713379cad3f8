/** Constants and defaults as expressions. */
import { block, bracket, brokenGroup, type Doc, fill, indent, line, softline } from "./EmitDoc.ts"
import { call, type Module, property, quote } from "./EmitModule.ts"
import * as EmitProgram from "./EmitProgram.ts"
import { fieldShape, type Shape, shapeOf, typeDoc } from "./EmitTypes.ts"
import type * as Ir from "./Ir.ts"

const strip = (type: Ir.Type): Ir.Type => (type.kind === "alias" ? strip(type.alias.type) : type)

const doubleText = (value: number): string => (Object.is(value, -0) ? "-0" : String(value).replace("e+", "e"))

const isNumeric = (value: Ir.Value, shape: Shape): boolean =>
  value.kind === "double" || (value.kind === "int" && shape.kind !== "i64")

// The formatter gives nested literals of more than one item a line each.
const isLong = (value: Ir.Value, shape: Shape): boolean =>
  (shape.kind === "list" || (shape.kind === "set" && shape.isArray)) &&
  value.kind === "list" &&
  value.elements.length > 1

const arrayDoc = (module: Module, type: Ir.Type, shape: Shape, elements: ReadonlyArray<Ir.Value>): Doc => {
  const docs = elements.map((each) => valueDoc(module, each, type, shape))
  if (docs.length > 1 && elements.every((each) => isNumeric(each, shape))) {
    const words = docs.flatMap((doc, index): ReadonlyArray<Doc> => (index === 0 ? [doc] : [line, doc]))
    const withCommas = words.map((doc, index) => (index % 2 === 0 && index < words.length - 1 ? [doc, ","] : doc))
    return { kind: "group", doc: ["[", indent(softline, fill(withCommas)), softline, "]"], broken: false }
  }
  if (docs.length > 1 && elements.every((each) => isLong(each, shape))) return block("[", docs, "]", ",")
  return bracket("[", docs, "]")
}

const listDoc = (module: Module, type: Ir.Type, shape: Shape, elements: ReadonlyArray<Ir.Value>): Doc => {
  const plain = strip(type)
  if (plain.kind !== "list" && plain.kind !== "set") return "[]"
  const elementShape = shapeOf(module, plain.element)
  const array = arrayDoc(module, plain.element, elementShape, elements)
  if (shape.kind !== "set" || shape.isArray) return array
  const made = `new ${module.global("Set")}<`
  return [bracket(made, [typeDoc(module, plain.element)], ">"), "(", elements.length === 0 ? "" : array, ")"]
}

const mapDoc = (module: Module, type: Ir.Type, entries: ReadonlyArray<readonly [Ir.Value, Ir.Value]>): Doc => {
  const plain = strip(type)
  if (plain.kind !== "map") return "[]"
  const shapes = [shapeOf(module, plain.key), shapeOf(module, plain.value)] as const
  const docs = entries.map(([key, value]) =>
    bracket("[", [valueDoc(module, key, plain.key, shapes[0]), valueDoc(module, value, plain.value, shapes[1])], "]")
  )
  const types = [typeDoc(module, plain.key), typeDoc(module, plain.value)]
  const array = docs.length > 1 ? block("[", docs, "]", ",") : bracket("[", docs, "]")
  return [bracket(`new ${module.global("Map")}<`, types, ">"), "(", docs.length === 0 ? "" : array, ")"]
}

const messageDoc = (module: Module, message: Ir.Message, fields: ReadonlyArray<readonly [Ir.Field, Ir.Value]>): Doc => {
  const keys = EmitProgram.keysOf(module.program, message)
  const docs = fields.map(([field, value]): readonly [string, Doc] => [
    keys.get(field)!,
    valueDoc(module, value, field.type, fieldShape(module, field))
  ])
  const name = module.name(message)
  if (message.kind === "union") {
    const [first] = docs
    return first === undefined ? `${name}.make` : call(`${name}.make`, [quote(first[0]), first[1]])
  }
  const items = docs.map(([key, doc]): Doc => [`${property(key)}: `, doc])
  const literal = items.length === 0 ? "{}" : brokenGroup("{", indent(line, joinItems(items)), line, "}")
  // Other compilers let a constant lack a required field; whoever sends it is told.
  const given = new Set(fields.map(([field]) => field))
  const isWhole = message.fields.every(
    (field) => given.has(field) || field.requiredness !== "required" || field.default !== undefined
  )
  const args = items.length === 0 && makesWithout(message) ? [] : [isWhole ? literal : [literal, ` as ${name}`]]
  return call(message.kind === "struct" || hasDefaults(message) ? `${name}.make` : `new ${name}`, args)
}

const joinItems = (items: ReadonlyArray<Doc>): Doc => items.map((item, i) => (i === 0 ? item : [",", line, item]))

/** Whether a message's constructor may be called with nothing. */
export const makesWithout = (message: Ir.Message): boolean =>
  message.fields.every((field) => field.requiredness !== "required" || field.default !== undefined)

/** Whether a message's constructor has defaults to fill. */
export const hasDefaults = (message: Ir.Message): boolean => message.fields.some((field) => field.default !== undefined)

const enumDoc = (module: Module, value: Extract<Ir.Value, { kind: "enum" }>): string =>
  value.member === undefined ? `${value.value}` : `${module.name(value.enum)}.${value.member.name}`

const sameShape = (module: Module, constant: Ir.Constant, shape: Shape): boolean =>
  shapeOf(module, constant.type).kind === shape.kind

/** The expression of a value of a type. */
export const valueDoc = (module: Module, value: Ir.Value, type: Ir.Type, shape: Shape): Doc => {
  switch (value.kind) {
    case "bool":
      return String(value.value)
    case "int":
      return shape.kind === "i64"
        ? `${value.value}n`
        : shape.kind === "double"
          ? doubleText(Number(value.value))
          : `${value.value}`
    case "double":
      return doubleText(value.value)
    case "string":
    case "uuid":
      return quote(value.value)
    case "binary":
      return call(`${module.global("Uint8Array")}.of`, [...value.value].map(String))
    case "enum":
      return enumDoc(module, value)
    case "list":
      return listDoc(module, type, shape, value.elements)
    case "map":
      return mapDoc(module, type, value.entries)
    case "message":
      return messageDoc(module, value.message, value.fields)
    case "constant":
      return sameShape(module, value.constant, shape)
        ? module.name(value.constant)
        : valueDoc(module, value.constant.value, type, shape)
  }
}

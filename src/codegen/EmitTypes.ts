/** The IDL's types in TypeScript, and as descriptors. */
import { bracket, type Doc } from "./EmitDoc.ts"
import type { Module } from "./EmitModule.ts"
import type * as Ir from "./Ir.ts"

/** A type with aliases resolved, and how it is represented settled. */
export type Shape =
  | { readonly kind: Exclude<Ir.ScalarName, "i64"> | "i64" | "i64Number" }
  | { readonly kind: "list"; readonly element: Shape }
  | { readonly kind: "set"; readonly element: Shape; readonly isArray: boolean }
  | { readonly kind: "map"; readonly key: Shape; readonly value: Shape }
  | { readonly kind: "enum"; readonly enum: Ir.Enum }
  | { readonly kind: "message"; readonly message: Ir.Message }

const i64Keys = ["volant.type", "js.type"]

/** `number` or `bigint` where an annotation asks for it; other values are for other tools. */
const i64Of = (annotations: ReadonlyArray<Ir.Annotation>): "number" | "bigint" | undefined => {
  for (const key of i64Keys) {
    const value = annotations.find((each) => each.key === key)?.value
    if (value === "number" || value === "bigint") return value
  }
  return undefined
}

// What a JavaScript Set compares by identity.
const isByIdentity = (shape: Shape): boolean => ["list", "set", "map", "message", "binary"].includes(shape.kind)

/** The shape of a type. Annotations of a field or alias hold for an i64 that the field or alias itself is. */
export const shapeOf = (module: Module, type: Ir.Type, annotations: ReadonlyArray<Ir.Annotation> = []): Shape => {
  switch (type.kind) {
    case "scalar": {
      if (type.name !== "i64") return { kind: type.name }
      const wanted = i64Of(annotations) ?? i64Of(type.annotations) ?? module.program.options.i64
      return { kind: wanted === "number" ? "i64Number" : "i64" }
    }
    case "list":
      return { kind: "list", element: shapeOf(module, type.element) }
    case "set": {
      const element = shapeOf(module, type.element)
      return { kind: "set", element, isArray: isByIdentity(element) }
    }
    case "map":
      return { kind: "map", key: shapeOf(module, type.key), value: shapeOf(module, type.value) }
    case "alias":
      return shapeOf(module, type.alias.type, [...annotations, ...type.alias.annotations])
    case "enum":
      return { kind: "enum", enum: type.enum }
    case "message":
      return { kind: "message", message: type.message }
  }
}

/** The shape of a field's type. */
export const fieldShape = (module: Module, field: Ir.Field): Shape => shapeOf(module, field.type, field.annotations)

const scalars: Record<string, string> = {
  bool: "boolean",
  i8: "number",
  i16: "number",
  i32: "number",
  i64: "bigint",
  i64Number: "number",
  double: "number",
  string: "string",
  uuid: "string"
}

const generic = (module: Module, name: string, args: ReadonlyArray<Doc>): Doc =>
  bracket(`${module.global(name)}<`, args, ">")

/** How a type reads in TypeScript; an alias by its name. */
export const typeDoc = (module: Module, type: Ir.Type, annotations: ReadonlyArray<Ir.Annotation> = []): Doc => {
  switch (type.kind) {
    case "scalar":
      if (type.name === "binary") return module.global("Uint8Array")
      return scalars[shapeOf(module, type, annotations).kind]!
    case "list":
      return generic(module, "ReadonlyArray", [typeDoc(module, type.element)])
    case "set": {
      const shape = shapeOf(module, type)
      const name = shape.kind === "set" && shape.isArray ? "ReadonlyArray" : "ReadonlySet"
      return generic(module, name, [typeDoc(module, type.element)])
    }
    case "map":
      return generic(module, "ReadonlyMap", [typeDoc(module, type.key), typeDoc(module, type.value)])
    case "alias": {
      const own = shapeOf(module, type).kind
      const here = shapeOf(module, type, annotations).kind
      return own === here ? module.name(type.alias) : scalars[here]!
    }
    case "enum":
      return module.name(type.enum)
    case "message":
      return module.name(type.message)
  }
}

/** The type of a field's value, without the undefined of absence. */
export const fieldTypeDoc = (module: Module, field: Ir.Field): Doc => typeDoc(module, field.type, field.annotations)

/** The descriptor of a shape. */
export const descriptorDoc = (module: Module, shape: Shape): Doc => {
  const type = module.use("Type")
  switch (shape.kind) {
    case "list":
      return bracket(`${type}.list(`, [descriptorDoc(module, shape.element)], ")")
    case "set":
      return bracket(`${type}.${shape.isArray ? "arraySet" : "set"}(`, [descriptorDoc(module, shape.element)], ")")
    case "map":
      return bracket(`${type}.map(`, [descriptorDoc(module, shape.key), descriptorDoc(module, shape.value)], ")")
    case "enum":
      return `${type}.enumOf(${module.name(shape.enum)})`
    case "message": {
      const name = module.name(shape.message)
      return `${type}.message(${shape.message.kind === "exception" ? `${name}.idl` : name})`
    }
    default:
      return `${type}.${shape.kind}`
  }
}

/** Walks a value by its description: for absent required fields, and for the field that an encoder stumbled over. */
import { CodecError } from "../Codec.ts"
import * as Scalar from "./ProtobufScalar.ts"
import type * as Type from "./ProtobufType.ts"

type Described = Pick<Type.AnyMessage, "typeName" | "fields" | "isDemanding">

interface Variant {
  readonly _tag: string
  readonly value: unknown
}

/** The value of a field, undefined when it is absent. */
export const valueOf = (field: Type.Field, value: object): unknown => {
  if (field.oneof === undefined) return Reflect.get(value, field.key)
  const variant = Reflect.get(value, field.oneof) as Variant | undefined
  return variant?._tag === field.key ? variant.value : undefined
}

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null

/** The values of a field's type within the field's value. */
const singles = (field: Type.Field, value: unknown): Iterable<unknown> => {
  if (field.cardinality === "list" || field.cardinality === "packed") return Array.isArray(value) ? value : []
  if (field.cardinality === "map") return value instanceof Map ? value.values() : []
  return value === undefined ? [] : [value]
}

/** Fails with the first required field that is absent. */
export const required = (message: Described, value: unknown): void => {
  if (!message.isDemanding || !isObject(value)) return
  for (const field of message.fields()) {
    const held = valueOf(field, value)
    if (field.cardinality === "required" && held === undefined) {
      throw new CodecError("MissingField", `${message.typeName}.${field.name} is required and absent`)
    }
    if (field.type.kind !== "message" && field.type.kind !== "group") continue
    if (!field.type.message.isDemanding) continue
    for (const each of singles(field, held)) required(field.type.message, each)
  }
}

const checks: Record<Type.ScalarKind, (value: never) => void> = {
  double: Scalar.checkNumber,
  float: Scalar.checkNumber,
  int32: Scalar.checkInt32,
  int64: Scalar.checkInt64,
  int64Number: Scalar.checkSafe,
  uint32: Scalar.checkUint32,
  uint64: Scalar.checkUint64,
  uint64Number: Scalar.checkSafeUnsigned,
  sint32: Scalar.checkInt32,
  sint64: Scalar.checkInt64,
  sint64Number: Scalar.checkSafe,
  fixed32: Scalar.checkUint32,
  fixed64: Scalar.checkUint64,
  fixed64Number: Scalar.checkSafeUnsigned,
  sfixed32: Scalar.checkInt32,
  sfixed64: Scalar.checkInt64,
  sfixed64Number: Scalar.checkSafe,
  bool: Scalar.checkBool,
  string: Scalar.checkString,
  anyString: Scalar.checkString,
  binary: Scalar.checkBinary
}

/** How deep a path is looked for; a value may refer to itself. */
const deepest = 100

const complain = (check: () => void): string | undefined => {
  try {
    check()
    return undefined
  } catch (error) {
    return error instanceof CodecError ? error.message : String(error)
  }
}

const inSingle = (type: Type.Type, value: unknown, path: string, depth: number): string | undefined => {
  if (type.kind === "message" || type.kind === "group") return inMessage(type.message, value, path, depth + 1)
  const check = type.kind === "enum" ? Scalar.checkInt32 : checks[type.kind]
  const found = complain(() => check(value as never))
  return found === undefined ? undefined : `${path}: ${found}`
}

const inField = (field: Type.Field, value: unknown, path: string, depth: number): string | undefined => {
  if (field.cardinality === "list" || field.cardinality === "packed") {
    if (!Array.isArray(value)) return `${path}: ${Scalar.invalid(value, "an array").message}`
    for (const [index, each] of value.entries()) {
      const found = inSingle(field.type, each, `${path}[${index}]`, depth)
      if (found !== undefined) return found
    }
    return undefined
  }
  if (field.cardinality === "map") {
    if (!(value instanceof Map)) return `${path}: ${Scalar.invalid(value, "a Map").message}`
    for (const [key, each] of value) {
      const at = `${path}[${String(key).slice(0, 40)}]`
      const found = inSingle(field.mapKey!, key, `${at} (its key)`, depth) ?? inSingle(field.type, each, at, depth)
      if (found !== undefined) return found
    }
    return undefined
  }
  if (value === undefined && field.cardinality !== "implicit") return undefined
  return inSingle(field.type, value, path, depth)
}

const inMessage = (message: Described, value: unknown, path: string, depth: number): string | undefined => {
  if (depth > deepest)
    return `${path.slice(0, 200)}: messages nest deeper than ${deepest} levels, or refer to each other`
  const fields = message.fields()
  if (fields.length === 0) return undefined
  if (!isObject(value)) return `${path}: ${Scalar.invalid(value, `a ${message.typeName}`).message}`
  for (const field of fields) {
    if (field.oneof !== undefined && valueOf(field, value) === undefined) continue
    const found = inField(field, valueOf(field, value), `${path}.${field.key}`, depth)
    if (found !== undefined) return found
  }
  return undefined
}

/** The error of an encoder, which says where in the value it arose. */
export const explain = (error: unknown, message: Described, value: unknown): CodecError => {
  if (error instanceof CodecError && error.reason !== "InvalidValue") return error
  const found = inMessage(message, value, message.typeName, 0)
  const shown = error instanceof Error ? error.message : String(error)
  return new CodecError("InvalidValue", found ?? `${message.typeName}: ${shown}`)
}

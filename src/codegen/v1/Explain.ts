/**
 * Finds where in a value the encoder failed. Encoders check while they write and know no path; this walk, taken only after
 * a failure, finds it.
 */
import { CodecError } from "../../Codec.ts"
import * as Scalar from "../../thrift/Scalar.ts"
import * as Uuid from "../../thrift/Uuid.ts"
import type * as Type from "./Type.ts"

interface Finding {
  readonly path: string
  readonly detail: string
}

const checks: Record<Type.ScalarKind, (value: never) => void> = {
  bool: Scalar.checkBool,
  i8: Scalar.checkI8,
  i16: Scalar.checkI16,
  i32: Scalar.checkI32,
  i64: Scalar.checkI64,
  i64Number: Scalar.checkSafe,
  double: Scalar.checkDouble,
  string: Scalar.checkString,
  binary: Scalar.checkBinary,
  uuid: (value: unknown) => {
    if (!Uuid.isUuid(value)) throw Scalar.invalid(value, "a uuid")
  }
}

const failing = (path: string, check: () => void): Finding | undefined => {
  try {
    check()
    return undefined
  } catch (error) {
    return { path, detail: error instanceof Error ? error.message : String(error) }
  }
}

/** What lies deeper than this is not looked at. */
const deepest = 200

/** How far down the walk is, and what it has seen: values may hold themselves, even twice. */
interface Walk {
  readonly depth: number
  readonly seen: Set<unknown>
}

const deeper = ({ depth, seen }: Walk): Walk => ({ depth: depth + 1, seen })

const first = <A>(items: Iterable<A>, find: (item: A, index: number) => Finding | undefined): Finding | undefined => {
  let index = 0
  for (const item of items) {
    const found = find(item, index++)
    if (found !== undefined) return found
  }
  return undefined
}

const inContainer = (
  type: Type.List | Type.SetOf | Type.MapOf,
  value: any,
  path: string,
  walk: Walk
): Finding | undefined => {
  if (type.kind === "map") {
    return (
      failing(path, () => Scalar.checkMap(value)) ??
      first(value as ReadonlyMap<unknown, unknown>, ([key, item], index) => {
        const at = typeof key === "object" ? index : `${String(key)}`
        return find(type.key, key, `${path}[key ${at}]`, walk) ?? find(type.value, item, `${path}[${at}]`, walk)
      })
    )
  }
  const isSet = type.kind === "set" && !type.isArray
  return (
    failing(path, () => (isSet ? Scalar.checkSet(value) : Scalar.checkList(value))) ??
    first(value as Iterable<unknown>, (item, index) => find(type.element, item, `${path}[${index}]`, walk))
  )
}

const inMessage = (message: Type.AnyMessage, value: any, path: string, walk: Walk): Finding | undefined => {
  if (typeof value !== "object" || value === null) {
    return { path, detail: Scalar.invalid(value, `a ${message.idlName}`).message }
  }
  if (message.kind === "union") {
    const field = message.fields().find((each) => each.key === value._tag)
    return field === undefined ? undefined : find(field.type, value.value, `${path}.${field.key}`, walk)
  }
  return first(message.fields(), (field) =>
    value[field.key] === undefined ? undefined : find(field.type, value[field.key], `${path}.${field.key}`, walk)
  )
}

const find = (type: Type.Type, value: unknown, path: string, walk: Walk): Finding | undefined => {
  if (walk.depth > deepest) return undefined
  if (typeof value === "object" && value !== null) {
    if (walk.seen.has(value)) return undefined
    walk.seen.add(value)
  }
  switch (type.kind) {
    case "list":
    case "set":
    case "map":
      return inContainer(type, value, path, deeper(walk))
    case "enum":
      return failing(path, () => Scalar.checkI32(value as number))
    case "message":
      return inMessage(type.message, value, path, deeper(walk))
    default:
      return failing(path, () => checks[type.kind](value as never))
  }
}

const explain = (error: unknown, found: Finding | undefined): CodecError => {
  if (error instanceof CodecError && (error.reason !== "InvalidValue" || found === undefined)) return error
  if (found !== undefined) return new CodecError("InvalidValue", `${found.path}: ${found.detail}`)
  if (error instanceof RangeError && /call stack/i.test(error.message)) {
    return new CodecError("LimitExceeded", "the value nests too deep to be written; does it contain itself?")
  }
  return new CodecError("InvalidValue", error instanceof Error ? error.message : String(error))
}

/**
 * What to throw when encoding `value` threw `error`; without a type nothing is looked for in the value. A message inside a
 * message of another module is explained twice, and the outer path is the one that stays.
 */
export const encodeError = (error: unknown, type: Type.Type | undefined, name: string, value: unknown): CodecError =>
  explain(error, type === undefined ? undefined : find(type, value, name, { depth: 0, seen: new Set() }))

/**
 * Values of generated types as JSON and back, in the IDL's names, by a message's descriptor: i64 is a decimal string,
 * binary `{"hex": ".."}`, a double that JSON lacks "NaN", "Infinity", "-Infinity" or "-0", a map an array of pairs, a
 * set an array, an enum its number, and an absent field is not there.
 */
import { CodecError } from "../Codec.ts"
import type * as Type from "./v1/Type.ts"

/** What JSON can say. */
export type Json = null | boolean | number | string | ReadonlyArray<Json> | { readonly [key: string]: Json }

/** Values of `JSON.parse` and the like. */
export type JsonObject = { readonly [key: string]: Json }

const specials: Readonly<Record<string, number>> = { NaN, Infinity, "-Infinity": -Infinity, "-0": -0 }

/** The error of JSON that is no `expected`. */
export const unexpected = (path: string, expected: string, json: unknown): CodecError =>
  new CodecError("InvalidValue", `${path}: expected ${expected}, got ${JSON.stringify(json)?.slice(0, 60)}`)

/** Whether it is a JSON object. */
export const isObject = (json: unknown): json is JsonObject =>
  typeof json === "object" && json !== null && !Array.isArray(json)

/** A number, or the text of one that JSON lacks. */
export const ofDouble = (value: number): Json =>
  Number.isFinite(value) && !Object.is(value, -0) ? value : Object.is(value, -0) ? "-0" : String(value)

/** A number from a number or from the text of one that JSON lacks. Throws `CodecError`, like all functions from JSON. */
export const toDouble = (path: string, json: unknown): number => {
  if (typeof json === "number") return json
  if (typeof json === "string" && Object.hasOwn(specials, json)) return specials[json]!
  throw unexpected(path, 'a number, "NaN", "Infinity", "-Infinity" or "-0"', json)
}

/** A decimal string; a number too where it is exact. */
export const toBigInt = (path: string, json: unknown): bigint => {
  if (typeof json === "string" && /^-?[0-9]{1,20}$/.test(json)) return BigInt(json)
  if (Number.isSafeInteger(json)) return BigInt(json as number)
  throw unexpected(path, "a whole number as a string of decimal digits", json)
}

/** Bytes as `{"hex": ".."}`. */
export const ofBytes = (bytes: Uint8Array): Json => ({
  hex: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex")
})

/** Bytes from `{"hex": ".."}`. */
export const toBytes = (path: string, json: unknown): Uint8Array => {
  const hex = isObject(json) ? json["hex"] : undefined
  if (typeof hex !== "string" || hex.length % 2 !== 0 || !/^[0-9a-f]*$/i.test(hex)) {
    throw unexpected(path, '{"hex": ".."} with two hexadecimal digits a byte', json)
  }
  return Uint8Array.from(Buffer.from(hex, "hex"))
}

/** The elements of a list or set. */
export const toArray = (path: string, json: unknown): ReadonlyArray<unknown> => {
  if (!Array.isArray(json)) throw unexpected(path, "an array", json)
  return json
}

/** The entries of a map. */
export const toPairs = (path: string, json: unknown): ReadonlyArray<readonly [unknown, unknown]> =>
  toArray(path, json).map((pair, index) => {
    if (!Array.isArray(pair) || pair.length !== 2) throw unexpected(`${path}[${index}]`, "a pair [key, value]", pair)
    return [pair[0], pair[1]]
  })

const ofMessage = (message: Type.AnyMessage, value: any): Json => {
  if (message.kind === "union") {
    const field = message.fields().find((each) => each.key === value._tag)
    return field === undefined ? {} : { [field.name]: of(field.type, value.value) }
  }
  const entries: Array<[string, Json]> = []
  for (const { key, name, type } of message.fields()) {
    const isAbsent = value[key] === undefined || (message.kind === "exception" && !Object.hasOwn(value, key))
    if (!isAbsent) entries.push([name, of(type, value[key])])
  }
  return Object.fromEntries(entries)
}

/** The JSON of a value. */
export const of = (type: Type.Type, value: any): Json => {
  switch (type.kind) {
    case "i64":
    case "i64Number":
      return String(value)
    case "double":
      return ofDouble(value)
    case "binary":
      return ofBytes(value)
    case "list":
    case "set":
      return Array.from(value as Iterable<unknown>, (each) => of(type.element, each))
    case "map":
      return Array.from(value as ReadonlyMap<unknown, unknown>, ([key, item]) => [
        of(type.key, key),
        of(type.value, item)
      ])
    case "message":
      return ofMessage(type.message, value)
    default:
      return value
  }
}

const toMessage = (message: Type.AnyMessage, json: unknown, path: string): unknown => {
  if (!isObject(json)) throw unexpected(path, "an object", json)
  const fields = message.fields()
  const values: Record<string, unknown> = {}
  for (const field of fields) values[field.key] = undefined
  for (const [name, item] of Object.entries(json)) {
    const field = fields.find((each) => each.name === name)
    if (field === undefined) {
      const known = fields.map((each) => each.name).join(", ")
      throw new CodecError(
        "InvalidValue",
        `${path}: ${message.idlName} has no field "${name}"; it has ${known || "none"}`
      )
    }
    const value = to(field.type, item, `${path}.${name}`)
    if (message.kind === "union") {
      if (Object.keys(json).length > 1) throw unexpected(path, "exactly one field", json)
      return { _tag: field.key, value }
    }
    values[field.key] = value
  }
  if (message.kind === "union") throw unexpected(path, "exactly one field", json)
  return message.construct === undefined ? values : new message.construct(values)
}

/** The value of JSON. Only the shape is looked at here; ranges are the encoder's. Throws `CodecError`. */
export const to = (type: Type.Type, json: unknown, path = "value"): unknown => {
  switch (type.kind) {
    case "i64":
      return toBigInt(path, json)
    case "i64Number":
      return Number(toBigInt(path, json))
    case "double":
      return toDouble(path, json)
    case "binary":
      return toBytes(path, json)
    case "list":
      return toArray(path, json).map((each, index) => to(type.element, each, `${path}[${index}]`))
    case "set": {
      const elements = toArray(path, json).map((each, index) => to(type.element, each, `${path}[${index}]`))
      return type.isArray ? elements : new Set(elements)
    }
    case "map": {
      const pairs = toPairs(path, json)
      return new Map(
        pairs.map(([key, item], index) => [
          to(type.key, key, `${path}[key ${index}]`),
          to(type.value, item, `${path}[${index}]`)
        ])
      )
    }
    case "message":
      return toMessage(type.message, json, path)
    default:
      return json
  }
}

/** Scalars of canonical JSON: numbers may be text, 64 bits are text, bytes are base64. */
import { CodecError } from "../Codec.ts"
import type * as Type from "./ProtobufType.ts"

const show = (json: unknown): string => {
  const text = JSON.stringify(json) ?? String(json)
  return text.length > 80 ? `${text.slice(0, 80)}...` : text
}

const refuse = (path: string, json: unknown, expected: string): never => {
  throw new CodecError("InvalidValue", `${path}: ${show(json)} is not ${expected}`)
}

// Whole numbers may be written with a point or an exponent.
const numeric = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/

const wholeOf = (json: unknown, path: string, expected: string): bigint => {
  if (typeof json === "number" && Number.isInteger(json)) return BigInt(json)
  if (typeof json === "string" && numeric.test(json)) {
    if (/^-?\d+$/.test(json)) return json.length > 40 ? refuse(path, json, expected) : BigInt(json)
    const value = Number(json)
    if (Number.isInteger(value)) return BigInt(value)
  }
  return refuse(path, json, expected)
}

const ranges: Record<string, readonly [bigint, bigint]> = {
  int32: [-(2n ** 31n), 2n ** 31n - 1n],
  uint32: [0n, 2n ** 32n - 1n],
  int64: [-(2n ** 63n), 2n ** 63n - 1n],
  uint64: [0n, 2n ** 64n - 1n]
}

const rangeNames: Partial<Record<Type.ScalarKind, string>> = {
  sint32: "int32",
  sfixed32: "int32",
  fixed32: "uint32",
  sint64: "int64",
  sfixed64: "int64",
  fixed64: "uint64"
}

const readWhole = (kind: Type.ScalarKind, json: unknown, path: string): number | bigint => {
  const plain = kind.replace("Number", "") as Type.ScalarKind
  const name = rangeNames[plain] ?? plain
  const value = wholeOf(json, path, `a whole number, of ${plain}`)
  const [least, most] = ranges[name]!
  if (value < least || value > most) refuse(path, json, `in the range of ${plain}`)
  if (!plain.endsWith("64")) return Number(value)
  if (plain === kind) return value
  const number = Number(value)
  return Number.isSafeInteger(number)
    ? number
    : refuse(path, json, "a whole number that a JavaScript number holds exactly")
}

const special: Record<string, number> = { NaN: NaN, Infinity: Infinity, "-Infinity": -Infinity }

const largestFloat = 3.4028235677973366e38

const readReal = (kind: "float" | "double", json: unknown, path: string): number => {
  if (typeof json === "string" && Object.hasOwn(special, json)) return special[json]!
  const value =
    typeof json === "number" ? json : typeof json === "string" && numeric.test(json) ? Number(json) : undefined
  if (value === undefined) return refuse(path, json, `a ${kind}`)
  if (!Number.isFinite(value)) return refuse(path, json, `in the range of ${kind}`)
  if (kind === "double") return value
  return Math.abs(value) >= largestFloat ? refuse(path, json, "in the range of float") : Math.fround(value)
}

const base64 = /^[A-Za-z0-9+/_-]*={0,2}$/

const readBytes = (json: unknown, path: string): Uint8Array => {
  if (typeof json !== "string" || !base64.test(json)) return refuse(path, json, "base64")
  const plain = json.replace(/=+$/, "")
  if (plain.length % 4 === 1) return refuse(path, json, "base64")
  return new Uint8Array(Buffer.from(plain, "base64"))
}

/** The value of a scalar. */
export const read = (kind: Type.ScalarKind, json: unknown, path: string): unknown => {
  switch (kind) {
    case "bool":
      return typeof json === "boolean" ? json : refuse(path, json, "true or false")
    case "string":
    case "anyString":
      if (typeof json !== "string") return refuse(path, json, "text")
      return json.isWellFormed() ? json : refuse(path, json, "text of whole characters")
    case "binary":
      return readBytes(json, path)
    case "float":
    case "double":
      return readReal(kind, json, path)
    default:
      return readWhole(kind, json, path)
  }
}

/** The key of a map, which is always text in JSON. */
export const readKey = (kind: Type.ScalarKind, text: string, path: string): unknown => {
  if (kind !== "bool") return read(kind, text, path)
  return text === "true" ? true : text === "false" ? false : refuse(path, text, "true or false")
}

/**
 * Values of Thrift's own types: what the IDL may write for each of them.
 */
import type * as Ir from "./Ir.ts"
import type { Span } from "./Source.ts"
import type * as Ast from "./ThriftAst.ts"
import * as ThriftTypes from "./ThriftTypes.ts"

/** Who hears what is wrong with a value. */
export interface Context {
  readonly report: (span: Span, message: string, severity?: "error" | "warning") => void
}

const ranges = new Map<string, number>([
  ["i8", 8],
  ["i16", 16],
  ["i32", 32],
  ["i64", 64]
])

/** Whether the values of a scalar are integers. */
export const isInteger = (scalar: Ir.ScalarName): boolean => ranges.has(scalar)

/** Whether a number is one of the signed integers of so many bits. */
export const fits = (value: bigint, bits: number): boolean => BigInt.asIntN(bits, value) === value

const written: Record<Exclude<Ast.Value["kind"], "name">, string> = {
  int: "an integer",
  double: "a floating point number",
  string: "a string",
  list: "a list",
  map: "a map"
}

/** What kind of value is written, for messages. */
export const describe = (value: Ast.Value): string =>
  value.kind === "name" ? `\`${value.name}\`` : written[value.kind]

/** Reports a value of a kind that the type does not have. */
export const mismatch = (cx: Context, type: Ir.Type, value: Ast.Value, expected: string): undefined => {
  cx.report(value.span, `${describe(value)} is no value of type \`${ThriftTypes.render(type)}\`; expected ${expected}`)
}

const toInt = (cx: Context, type: Ir.Type, name: string, value: Ast.Value): Ir.Value | undefined => {
  const bits = ranges.get(name)!
  let int: bigint
  if (value.kind === "int") int = value.value
  else if (value.kind === "double" && Number.isFinite(value.value)) int = BigInt(Math.trunc(value.value))
  else return mismatch(cx, type, value, "an integer")
  if (fits(int, bits)) {
    if (value.kind === "int") return { kind: "int", value: int }
    const name = ThriftTypes.render(type)
    const message = `\`${name}\` holds integers: ${value.value} becomes ${int}; expected an integer`
    cx.report(value.span, message, "warning")
    return { kind: "int", value: int }
  }
  const limit = 1n << BigInt(bits - 1)
  const message = `this number does not fit \`${ThriftTypes.render(type)}\`; expected ${-limit} to ${limit - 1n}`
  return void cx.report(value.span, message)
}

const toBool = (cx: Context, type: Ir.Type, value: Ast.Value): Ir.Value | undefined => {
  if (value.kind !== "int") return mismatch(cx, type, value, "`true` or `false`")
  if (value.value === 0n || value.value === 1n) return { kind: "bool", value: value.value === 1n }
  return void cx.report(value.span, "this number is no value of type `bool`; expected `true`, `false`, 1 or 0")
}

const toDouble = (cx: Context, type: Ir.Type, value: Ast.Value): Ir.Value | undefined => {
  if (value.kind !== "int" && value.kind !== "double") return mismatch(cx, type, value, "a number")
  const double = Number(value.value)
  if (Number.isFinite(double)) return { kind: "double", value: double }
  return void cx.report(value.span, "this number does not fit `double`; expected less than 1.8e308")
}

const uuidPattern = /^\{?([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})\}?$/i

const toUuid = (cx: Context, type: Ir.Type, value: Ast.Value): Ir.Value | undefined => {
  if (value.kind !== "string")
    return mismatch(cx, type, value, "a string of the form 00000000-0000-0000-0000-000000000000")
  const parts = uuidPattern.exec(value.value)
  if (parts !== null) return { kind: "uuid", value: parts.slice(1).join("-").toLowerCase() }
  return void cx.report(value.span, "this is no UUID; expected the form 00000000-0000-0000-0000-000000000000")
}

type Scalar = Ir.Type & { readonly kind: "scalar" }

/** A value for a scalar, or undefined after a report; `type` is the type as it was written. */
export const toScalar = (cx: Context, type: Ir.Type, scalar: Scalar, value: Ast.Value): Ir.Value | undefined => {
  switch (scalar.name) {
    case "bool":
      return toBool(cx, type, value)
    case "double":
      return toDouble(cx, type, value)
    case "uuid":
      return toUuid(cx, type, value)
    case "string":
      return value.kind === "string"
        ? { kind: "string", value: value.value }
        : mismatch(cx, type, value, "a string in quotes")
    case "binary":
      return value.kind === "string"
        ? { kind: "binary", value: new TextEncoder().encode(value.value) }
        : mismatch(cx, type, value, "a string in quotes")
    default:
      return toInt(cx, type, scalar.name, value)
  }
}

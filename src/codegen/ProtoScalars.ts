/**
 * Literals to values of scalars and enums: defaults, and what options are set to.
 */
import type * as Ast from "./ProtoAst.ts"
import type * as ProtoIr from "./ProtoIr.ts"
import * as ProtoString from "./ProtoString.ts"
import { describe as shorten } from "./ProtoWords.ts"

/** A value, or why there is none: what was expected. */
export type Converted = { readonly value: ProtoIr.Value } | { readonly fault: string }

const integers: Partial<Record<ProtoIr.ScalarName, readonly [bigint, bigint]>> = {
  int32: [-(2n ** 31n), 2n ** 31n - 1n],
  sint32: [-(2n ** 31n), 2n ** 31n - 1n],
  sfixed32: [-(2n ** 31n), 2n ** 31n - 1n],
  uint32: [0n, 2n ** 32n - 1n],
  fixed32: [0n, 2n ** 32n - 1n],
  int64: [-(2n ** 63n), 2n ** 63n - 1n],
  sint64: [-(2n ** 63n), 2n ** 63n - 1n],
  sfixed64: [-(2n ** 63n), 2n ** 63n - 1n],
  uint64: [0n, 2n ** 64n - 1n],
  fixed64: [0n, 2n ** 64n - 1n]
}

/** How a literal is called in a message. */
export const describe = (value: Ast.Value): string => {
  switch (value.kind) {
    case "word":
      return `\`${value.isNegative ? "-" : ""}${shorten(value.text)}\``
    case "int":
      return `\`${value.value}\``
    case "double":
      return `\`${Object.is(value.value, -0) ? "-0" : value.value}\``
    case "string":
      return "a string"
    case "list":
      return "a list"
    case "entries":
      return "a message in braces"
  }
}

const integer = (name: ProtoIr.ScalarName, [least, most]: readonly [bigint, bigint], value: Ast.Value): Converted => {
  if (value.kind === "double" && Object.is(value.value, -0)) return { value: { kind: "int", value: 0n } }
  if (value.kind !== "int") return { fault: `expected an integer for ${name}, found ${describe(value)}` }
  if (value.value >= least && value.value <= most) return { value: { kind: "int", value: value.value } }
  return { fault: `expected ${name}, which goes from ${least} to ${most}, found ${describe(value)}` }
}

const words: Record<string, number> = {
  inf: Number.POSITIVE_INFINITY,
  infinity: Number.POSITIVE_INFINITY,
  nan: Number.NaN
}

const floating = (name: ProtoIr.ScalarName, value: Ast.Value): Converted => {
  if (value.kind === "int") return { value: { kind: "double", value: Number(value.value) } }
  if (value.kind === "double") return { value: { kind: "double", value: value.value } }
  const found = value.kind === "word" ? words[value.text.toLowerCase()] : undefined
  if (found === undefined || value.kind !== "word") {
    return { fault: `expected a number, \`inf\` or \`nan\` for ${name}, found ${describe(value)}` }
  }
  return { value: { kind: "double", value: value.isNegative ? -found : found } }
}

const textBools: Record<string, boolean> = { true: true, True: true, t: true, false: false, False: false, f: false }

/** `inText`: inside of braces, where text format's spellings hold as well. */
const bool = (value: Ast.Value, inText: boolean): Converted => {
  if (value.kind === "word" && !value.isNegative) {
    const found = inText || value.text.length > 3 ? textBools[value.text] : undefined
    const isPlain = value.text === "true" || value.text === "false"
    if (found !== undefined && (inText || isPlain)) return { value: { kind: "bool", value: found } }
  }
  if (inText && value.kind === "int" && (value.value === 0n || value.value === 1n)) {
    return { value: { kind: "bool", value: value.value === 1n } }
  }
  return { fault: `expected \`true\` or \`false\`, found ${describe(value)}` }
}

/** A literal as a value of a scalar type; `inText` inside of braces, where more spellings hold. */
export const scalar = (name: ProtoIr.ScalarName, value: Ast.Value, inText: boolean): Converted => {
  const range = integers[name]
  if (range !== undefined) return integer(name, range, value)
  if (name === "double" || name === "float") return floating(name, value)
  if (name === "bool") return bool(value, inText)
  if (value.kind !== "string") {
    return { fault: `expected a string in quotes for ${name === "binary" ? "bytes" : name}, found ${describe(value)}` }
  }
  if (name === "binary") return { value: { kind: "binary", value: value.bytes } }
  const text = ProtoString.toText(value.bytes)
  return text === undefined
    ? { fault: "this string is not UTF-8; only a field of type bytes can hold it" }
    : { value: { kind: "string", value: text } }
}

/** A member by its name; in text format also by its number. */
export const member = (target: ProtoIr.Enum, value: Ast.Value, inText: boolean): Converted => {
  if (value.kind === "word" && !value.isNegative) {
    const found = target.members.find((each) => each.name === value.text)
    if (found !== undefined) return { value: { kind: "enum", enum: target, member: found } }
    return { fault: `${target.fullName} has no value \`${shorten(value.text)}\`` }
  }
  if (inText && value.kind === "int" && BigInt.asIntN(32, value.value) === value.value) {
    const found = target.members.find((each) => each.value === Number(value.value))
    if (found !== undefined) return { value: { kind: "enum", enum: target, member: found } }
  }
  return { fault: `expected the name of a value of ${target.fullName}, found ${describe(value)}` }
}

/**
 * Defaults and names as descriptors write them.
 */
import type * as ProtoIr from "./ProtoIr.ts"

export { toJsonName as jsonName } from "./ProtoDeclare.ts"

/** C's `%.*g`. */
const general = (value: number, precision: number): string => {
  const exponent = Number(value.toExponential(precision - 1).split("e")[1])
  if (exponent >= -4 && exponent < precision) {
    const fixed = value.toFixed(Math.max(0, precision - 1 - exponent))
    return fixed.includes(".") ? fixed.replace(/\.?0+$/, "") : fixed
  }
  const [digits = "", power = ""] = value.toExponential(precision - 1).split("e")
  const short = digits.includes(".") ? digits.replace(/\.?0+$/, "") : digits
  return `${short}e${power.startsWith("-") ? "-" : "+"}${power.replace(/^[+-]/, "").padStart(2, "0")}`
}

/** The shorter of two precisions where it gives the same number again. */
const floating = (value: number, isFloat: boolean): string => {
  if (Number.isNaN(value)) return "nan"
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf"
  if (value === 0) return Object.is(value, -0) ? "-0" : "0"
  if (!isFloat) {
    const short = general(value, 15)
    return Number(short) === value ? short : general(value, 17)
  }
  const rounded = Math.fround(value)
  if (!Number.isFinite(rounded)) return rounded > 0 ? "inf" : "-inf"
  const short = general(rounded, 6)
  return Math.fround(Number(short)) === rounded ? short : general(rounded, 9)
}

const escapes: Record<number, string> = { 9: "\\t", 10: "\\n", 13: "\\r", 34: '\\"', 39: "\\'", 92: "\\\\" }

const bytes = (value: Uint8Array): string =>
  Array.from(value, (byte) => {
    if (escapes[byte] !== undefined) return escapes[byte]
    return byte >= 32 && byte < 127 ? String.fromCharCode(byte) : `\\${byte.toString(8).padStart(3, "0")}`
  }).join("")

/** A default in the text of `FieldDescriptorProto.default_value`. */
export const show = (field: ProtoIr.Field, value: ProtoIr.Value): string => {
  const isFloat = field.type.kind === "scalar" && field.type.name === "float"
  if (value.kind === "double") return floating(value.value, isFloat)
  if (value.kind === "enum") return value.member.name
  if (value.kind === "binary") return bytes(value.value)
  if (value.kind === "int" || value.kind === "bool" || value.kind === "string") return String(value.value)
  return ""
}

/** What scalars of every protocol must be, checked before they are written: a number out of range never wraps. */
import { CodecError } from "../Codec.ts"

const show = (value: unknown): string => {
  if (typeof value === "bigint") return `${value}n`
  if (typeof value === "string") return JSON.stringify(value.slice(0, 40))
  return typeof value === "object" && value !== null ? "an object" : String(value)
}

/** The error of a value that is no `expected`. */
export const invalid = (value: unknown, expected: string): CodecError =>
  new CodecError("InvalidValue", `${show(value)} is not ${expected}`)

/** Throws InvalidValue unless it is a boolean. */
export const checkBool = (value: boolean): void => {
  if (typeof value !== "boolean") throw invalid(value, "a bool")
}

/** Throws InvalidValue unless it is a safe integer: for 64-bit fields that are numbers in TypeScript. */
export const checkSafe = (value: number): void => {
  if (!Number.isSafeInteger(value)) throw invalid(value, "a whole number that a JavaScript number holds exactly")
}

/** Throws InvalidValue unless it is a string. */
export const checkString = (value: string): void => {
  if (typeof value !== "string") throw invalid(value, "a string")
}

/** Throws InvalidValue unless it is a Uint8Array. */
export const checkBinary = (value: Uint8Array): void => {
  if (!(value instanceof Uint8Array)) throw invalid(value, "a Uint8Array")
}

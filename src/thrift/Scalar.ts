/** The ranges of Thrift's scalars, checked before they are written. */
import { CodecError } from "../Codec.ts"
import { checkBinary, checkBool, checkSafe, checkString, invalid } from "../wire/Scalar.ts"

export { checkBinary, checkBool, checkSafe, checkString, invalid }

/** Throws InvalidValue unless it is a whole number of 8 bits. */
export const checkI8 = (value: number): void => {
  if ((value << 24) >> 24 !== value) throw invalid(value, "an i8, a whole number from -128 to 127")
}

/** Throws InvalidValue unless it is a whole number of 16 bits. */
export const checkI16 = (value: number): void => {
  if ((value << 16) >> 16 !== value) throw invalid(value, "an i16, a whole number from -32768 to 32767")
}

/** Throws InvalidValue unless it is a whole number of 32 bits. */
export const checkI32 = (value: number): void => {
  if ((value | 0) !== value) throw invalid(value, "an i32, a whole number from -2147483648 to 2147483647")
}

/** Throws InvalidValue unless it is a bigint of 64 bits. */
export const checkI64 = (value: bigint): void => {
  if (typeof value !== "bigint" || BigInt.asIntN(64, value) !== value) {
    throw invalid(value, "an i64, a bigint of 64 bits with its sign")
  }
}

/** Throws InvalidValue unless it is a number. */
export const checkDouble = (value: number): void => {
  if (typeof value !== "number") throw invalid(value, "a double")
}

/** Throws InvalidValue unless it is an array. */
export const checkList = (value: ReadonlyArray<unknown>): void => {
  if (!Array.isArray(value)) throw invalid(value, "an array")
}

/** Throws InvalidValue unless it is a Set. */
export const checkSet = (value: ReadonlySet<unknown>): void => {
  if (!(value instanceof Set)) throw invalid(value, "a Set")
}

/** Throws InvalidValue unless it is a Map. */
export const checkMap = (value: ReadonlyMap<unknown, unknown>): void => {
  if (!(value instanceof Map)) throw invalid(value, "a Map")
}

/** Refuses what was received for an i64 field that is a number in TypeScript and is not exact as one. */
export const toSafe = (value: number): number => {
  if (Number.isSafeInteger(value)) return value
  throw new CodecError("LimitExceeded", "an i64 too large for a JavaScript number; generate the field as bigint")
}

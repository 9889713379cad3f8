/** The ranges of protobuf's scalars, checked before they are written. */
import { CodecError } from "../Codec.ts"
import { checkBinary, checkBool, checkSafe, checkString, invalid } from "../wire/Scalar.ts"

export { checkBinary, checkBool, checkSafe, checkString, invalid }

/** Refuses what is no whole number of 32 bits with sign. */
export const checkInt32 = (value: number): void => {
  if ((value | 0) !== value) throw invalid(value, "an int32, a whole number from -2147483648 to 2147483647")
}

/** Refuses what is no whole number of 32 bits without sign. */
export const checkUint32 = (value: number): void => {
  if (value >>> 0 !== value) throw invalid(value, "a uint32, a whole number from 0 to 4294967295")
}

/** Refuses what is no bigint of 64 bits with sign. */
export const checkInt64 = (value: bigint): void => {
  if (typeof value !== "bigint" || BigInt.asIntN(64, value) !== value) {
    throw invalid(value, "an int64, a bigint of 64 bits with its sign")
  }
}

/** Refuses what is no bigint of 64 bits without sign. */
export const checkUint64 = (value: bigint): void => {
  if (typeof value !== "bigint" || BigInt.asUintN(64, value) !== value) {
    throw invalid(value, "a uint64, a bigint of 64 bits without sign")
  }
}

/** Like `checkSafe`, without sign. */
export const checkSafeUnsigned = (value: number): void => {
  if (!Number.isSafeInteger(value) || value < 0) {
    throw invalid(value, "a whole number of 0 or more that a JavaScript number holds exactly")
  }
}

/** Refuses what is no number. */
export const checkNumber = (value: number): void => {
  if (typeof value !== "number") throw invalid(value, "a number")
}

/** Refuses what was received for a 64-bit field that is a number in TypeScript and is not exact as one. */
export const toSafe = (value: number): number => {
  if (Number.isSafeInteger(value)) return value
  throw new CodecError("LimitExceeded", "64 bits too large for a JavaScript number; generate the field as bigint")
}

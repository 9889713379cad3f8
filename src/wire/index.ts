/** Bytes to numbers and strings and back, of no protocol. */
export * as Reader from "./Reader.ts"
export * as Text from "./Text.ts"
export * as Writer from "./Writer.ts"

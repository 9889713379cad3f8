/**
 * What generated modules import, and all that they import. A change that breaks modules generated before goes to `v2`.
 */
export * as Result from "effect/Result"
export * as Contract from "../../Contract.ts"
export * as Method from "../../Method.ts"
export * as Binary from "../../thrift/Binary.ts"
export * as Compact from "../../thrift/Compact.ts"
export type { Reader } from "../../wire/Reader.ts"
export type { Writer } from "../../wire/Writer.ts"
export * as Message from "./Message.ts"
export { TaggedException } from "./Message.ts"
export * as Type from "./Type.ts"
export * as UnknownFields from "./UnknownFields.ts"
export { unknownFields } from "./UnknownFields.ts"

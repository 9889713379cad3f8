/** Protobuf's encoding: what generated code calls to write and read messages, field by field. */
export * from "./ProtobufRead.ts"
export * from "./ProtobufScalarWrite.ts"
export { keeping } from "./ProtobufUnknownFields.ts"
export * from "./ProtobufWrite.ts"

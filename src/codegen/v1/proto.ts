/**
 * What modules generated from .proto files import, and all that they import besides `volant/codegen/v1/stream`. A change that
 * breaks modules generated before goes to `v2`.
 */
export * as Contract from "../../Contract.ts"
export * as Method from "../../Method.ts"
export type { DeclaredError, GrpcMethodCodec, ProtobufCodec } from "../../grpc/GrpcCodec.ts"
export * as Protobuf from "../../grpc/Protobuf.ts"
export * as Extension from "../../grpc/ProtobufExtension.ts"
export * as ProtoFile from "../../grpc/ProtobufFile.ts"
export * as Message from "../../grpc/ProtobufMessage.ts"
export { unknownFields } from "../../grpc/ProtobufMessage.ts"
export * as Type from "../../grpc/ProtobufType.ts"
export * as WellKnown from "../../grpc/WellKnown.ts"
export type { Reader } from "../../wire/Reader.ts"
export type { Writer } from "../../wire/Writer.ts"

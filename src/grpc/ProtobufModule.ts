/** Protobuf without gRPC: canonical JSON, extensions, well-known types, descriptors of files, and what a generated message can do. */
export * as Extension from "./ProtobufExtension.ts"
export * as File from "./ProtobufFile.ts"
export * as Json from "./ProtobufJson.ts"
export * as Message from "./ProtobufMessage.ts"
export { unknownFields } from "./ProtobufMessage.ts"
export * as Registry from "./ProtobufRegistry.ts"
export * as Type from "./ProtobufType.ts"
export * as WellKnown from "./WellKnown.ts"

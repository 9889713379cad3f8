/** gRPC over HTTP/2: servers, clients, their statuses and service configs, health and reflection. */
export * as GrpcClient from "./GrpcClient.ts"
export * as GrpcServer from "./GrpcServer.ts"
export * as Health from "./Health.ts"
export * as Reflection from "./Reflection.ts"
export * as ReplyCompression from "./ReplyCompression.ts"
export * as ServiceConfig from "./ServiceConfig.ts"
export * as StatusCode from "./StatusCode.ts"
export * as StatusDetails from "./StatusDetails.ts"

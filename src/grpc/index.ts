/** gRPC: clients over HTTP/2, and service configs. */
export * as GrpcClient from "./GrpcClient.ts"
export * as GrpcServer from "./GrpcServer.ts"
export * as ServiceConfig from "./ServiceConfig.ts"

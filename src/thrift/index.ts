/** Thrift: servers and clients over Framed and Buffered, in Binary and Compact, and the codecs that generated code has. */
export * as ApplicationException from "./ApplicationException.ts"
export * as ThriftClient from "./ThriftClient.ts"
export * as ThriftCodec from "./ThriftCodec.ts"
export * as ThriftServer from "./ThriftServer.ts"

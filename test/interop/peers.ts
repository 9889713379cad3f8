import * as Browser from "./browser/peers.ts"
import * as Connect from "./connect/peers.ts"
import * as Golden from "./golden/peers.ts"
import * as Grpc from "./grpc/peers.ts"
import * as GrpcCpp from "./grpc-cpp/peers.ts"
import * as GrpcJava from "./grpc-java/peers.ts"
import * as GrpcTools from "./grpc-tools/peers.ts"
import * as H2spec from "./h2spec/peers.ts"
import type { Peer } from "./Peer.ts"
import * as Protobuf from "./protobuf/peers.ts"
import * as Protoc from "./protoc/peers.ts"
import * as ThriftTest from "./thrift-test/peers.ts"

/** Every program of others that the interop run needs. */
export const peers: ReadonlyArray<Peer> = [
  Golden.script,
  Golden.cpp,
  ThriftTest.python,
  ThriftTest.newest,
  ThriftTest.cpp,
  ThriftTest.go,
  Protobuf.conformance,
  Protoc.protoc,
  H2spec.h2spec,
  Grpc.go,
  Grpc.cpp,
  GrpcJava.java,
  Connect.connect,
  GrpcTools.tools,
  GrpcCpp.cpp,
  Browser.chromium
]

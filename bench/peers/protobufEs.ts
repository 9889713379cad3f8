/** protobuf-es, through its reflection, which its generated modules use as well. */
import { create, createFileRegistry, fromBinary, toBinary } from "@bufbuild/protobuf"
import { FileDescriptorProtoSchema, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt"
import { toBytes } from "../../src/grpc/ProtobufFile.ts"
import { file_order } from "../gen/proto/order.ts"

/** Its codec of the order that `bytes` are. */
export const make = (bytes: Uint8Array) => {
  const file = fromBinary(FileDescriptorProtoSchema, toBytes(file_order()))
  const schema = createFileRegistry(create(FileDescriptorSetSchema, { file: [file] })).getMessage("bench.Order")
  if (schema === undefined) throw new Error("bench/order.proto has no message bench.Order")
  const order = fromBinary(schema, bytes)
  return { encode: () => toBinary(schema, order), decode: (): unknown => fromBinary(schema, bytes) }
}

/** protobuf-es, through its reflection, which its generated modules use as well. */
import { createFileRegistry, fromBinary, toBinary } from "@bufbuild/protobuf"
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt"
import * as Result from "effect/Result"
import * as ProtoDescriptor from "../../src/codegen/ProtoDescriptor.ts"
import * as ProtoFrontEnd from "../../src/codegen/ProtoFrontEnd.ts"

const descriptorSet = (idl: string): Uint8Array => {
  const program = ProtoFrontEnd.compile(["order.proto"], { read: (path) => (path === "order.proto" ? idl : undefined) })
  if (Result.isFailure(program)) throw new Error("bench/order.proto does not compile")
  return ProtoDescriptor.setOf(program.success.files)
}

/** Its codec of the order that `bytes` are; `idl` is the text of order.proto. */
export const make = (idl: string, bytes: Uint8Array) => {
  const schema = createFileRegistry(fromBinary(FileDescriptorSetSchema, descriptorSet(idl))).getMessage("bench.Order")
  if (schema === undefined) throw new Error("bench/order.proto has no message bench.Order")
  const order = fromBinary(schema, bytes)
  return { encode: () => toBinary(schema, order), decode: (): unknown => fromBinary(schema, bytes) }
}

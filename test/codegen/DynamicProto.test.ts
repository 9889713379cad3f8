import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import { isCodecError } from "../../src/Codec.ts"
import * as DynamicProto from "../../src/codegen/DynamicProto.ts"
import * as NodeFiles from "../../src/codegen/NodeFiles.ts"
import * as ProtoFrontEnd from "../../src/codegen/ProtoFrontEnd.ts"
import * as Json from "../../src/grpc/ProtobufJson.ts"
import * as Message from "../../src/grpc/ProtobufMessage.ts"
import { limits } from "../../src/grpc/ProtobufRead.ts"
import { Reader } from "../../src/wire/Reader.ts"
import { Writer } from "../../src/wire/Writer.ts"
import * as Vectors from "../golden/ProtobufVectors.ts"

const idls = join(import.meta.dirname, "../golden/idl")
const program = ProtoFrontEnd.compile(
  ["golden2.proto", "golden3.proto"].map((name) => join(idls, name)),
  {
    ...NodeFiles.files,
    includeRoots: [idls]
  }
)
if (Result.isFailure(program)) throw new Error("the golden IDLs do not compile")
const registry = DynamicProto.registryOf(program.success.files)

const messageOf = (name: string) => registry.messages.get(name)!
const bytesOf = (value: unknown, codec: ReturnType<typeof Message.deterministic>): string => {
  const writer = new Writer(16)
  codec.encode(writer, value)
  return writer.toBytes().toString("hex")
}
const of = (kind: Vectors.Vector["kind"]) => Vectors.all.filter((vector) => vector.kind === kind)

describe("golden messages of protobuf, by the IDL alone", () => {
  it.each(of("encode"))("$name: both ways", (vector) => {
    const message = messageOf(vector.type)
    const value = message.codec.decode(new Reader(Vectors.bytesOf(vector), limits))
    assert.deepStrictEqual(Json.toJson(message, value, { registry, idlNames: true }), vector.json)
    const read = Json.fromJson(message, vector.json, { registry })
    assert.strictEqual(bytesOf(read, Message.deterministic(message)), vector.hex)
  })

  it.each(of("decode"))("$name: it is read leniently", (vector) => {
    const message = messageOf(vector.type)
    const codec = Message.partial(message)
    const value = codec.decode(new Reader(Vectors.bytesOf(vector), limits))
    assert.deepStrictEqual(Json.toJson(message, value, { registry, idlNames: true }), vector.json)
    assert.strictEqual(bytesOf(value, codec), vector.reencode)
  })

  it.each(of("malformed"))("$name: it is refused ($why)", (vector) => {
    const read = () => messageOf(vector.type).codec.decode(new Reader(Vectors.bytesOf(vector), limits))
    let error: unknown
    try {
      error = { decoded: read() }
    } catch (thrown) {
      error = thrown
    }
    assert.isTrue(isCodecError(error), String(error))
  })
})

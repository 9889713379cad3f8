import { assert, describe, it } from "@effect/vitest"
import { isCodecError } from "../../src/Codec.ts"
import type { ProtobufCodec } from "../../src/grpc/GrpcCodec.ts"
import * as Json from "../../src/grpc/ProtobufJson.ts"
import * as Message from "../../src/grpc/ProtobufMessage.ts"
import { limits } from "../../src/grpc/ProtobufRead.ts"
import { Reader } from "../../src/wire/Reader.ts"
import { Writer } from "../../src/wire/Writer.ts"
import * as Vectors from "../golden/ProtobufVectors.ts"

const encode = (codec: ProtobufCodec<any>, value: unknown): string => {
  const writer = new Writer(16)
  codec.encode(writer, value)
  return writer.toBytes().toString("hex")
}

const decode = (codec: ProtobufCodec<any>, bytes: Uint8Array): unknown => codec.decode(new Reader(bytes, limits))

const { registry } = Vectors
const toJson = (name: string, value: unknown): unknown =>
  Json.toJson(Vectors.messageOf(name), value, { registry, idlNames: true })

const failure = (run: () => unknown): unknown => {
  try {
    return { decoded: run() }
  } catch (error) {
    return error
  }
}

const of = (kind: Vectors.Vector["kind"]) => Vectors.all.filter((vector) => vector.kind === kind)

describe("golden messages of protobuf", () => {
  it.each(of("encode"))("$name: its bytes are its JSON", (vector) => {
    const value = decode(Vectors.messageOf(vector.type).codec, Vectors.bytesOf(vector))
    assert.deepStrictEqual(toJson(vector.type, value), vector.json)
  })

  it.each(of("encode"))("$name: it is written as its bytes", (vector) => {
    const message = Vectors.messageOf(vector.type)
    const value = Json.fromJson(message, vector.json, { registry })
    assert.strictEqual(encode(Message.deterministic(message), value), vector.hex)
  })

  it.each(of("encode"))("$name: what was read is written again", (vector) => {
    const { codec } = Vectors.messageOf(vector.type)
    assert.strictEqual(encode(codec, decode(codec, Vectors.bytesOf(vector))), vector.hex)
  })

  it.each(of("decode"))("$name: it is read leniently", (vector) => {
    const codec = Message.partial(Vectors.messageOf(vector.type))
    const value = decode(codec, Vectors.bytesOf(vector))
    assert.deepStrictEqual(toJson(vector.type, value), vector.json)
    assert.strictEqual(encode(codec, value), vector.reencode)
  })

  it.each(of("malformed"))("$name: it is refused ($why)", (vector) => {
    const { codec } = Vectors.messageOf(vector.type)
    const error = failure(() => decode(codec, Vectors.bytesOf(vector)))
    assert.isTrue(isCodecError(error), String(error))
  })

  // A prefix that ends between fields is a message of its own.
  it.each(of("encode"))("$name: its prefixes are messages or errors", (vector) => {
    const { codec } = Vectors.messageOf(vector.type)
    const bytes = Vectors.bytesOf(vector)
    const reader = new Reader(bytes, limits)
    for (let end = 0; end < bytes.length; end++) {
      reader.reset(reader.bytes, 0, end)
      const error = failure(() => codec.decode(reader))
      assert.isTrue(isCodecError(error) || !(error instanceof Error), `${end} of ${bytes.length}: ${String(error)}`)
    }
  })
})

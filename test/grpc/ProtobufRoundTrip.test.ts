import { assert, describe, it } from "@effect/vitest"
import Long from "long"
import protobufjs from "protobufjs"
import type { ProtobufCodec } from "../../src/grpc/GrpcCodec.ts"
import * as Json from "../../src/grpc/ProtobufJson.ts"
import * as Message from "../../src/grpc/ProtobufMessage.ts"
import { limits } from "../../src/grpc/ProtobufRead.ts"
import { Reader } from "../../src/wire/Reader.ts"
import { Writer } from "../../src/wire/Writer.ts"
import { Random } from "../fuzz/Random.ts"
import * as Vectors from "../golden/ProtobufVectors.ts"
import * as Values from "./ProtobufValues.ts"

const { registry } = Vectors
const messages = [...registry.messages.values()].filter(({ isWellKnown }) => !isWellKnown)

const encode = (codec: ProtobufCodec<any>, value: unknown): Buffer => {
  const writer = new Writer(1)
  codec.encode(writer, value)
  return writer.toBytes()
}

const decode = (codec: ProtobufCodec<any>, bytes: Uint8Array): unknown => codec.decode(new Reader(bytes, limits))

// It knows 64 bits only with the help of this package.
protobufjs.util.Long = Long
protobufjs.configure()
const peer = protobufjs.loadSync(new URL("../golden/idl/golden3.proto", import.meta.url).pathname)

const rounds = 60

const named = messages.map((message) => [message.typeName, message] as const)

describe.each(named)("random values of %s", (_, message) => {
  it("are read as they were written", () => {
    const random = new Random(7)
    for (let i = 0; i < rounds; i++) {
      const value = Values.message(random, message, 3)
      assert.deepStrictEqual(decode(message.codec, encode(message.codec, value)), value)
    }
  })

  it("survive JSON", () => {
    const random = new Random(8)
    for (let i = 0; i < rounds; i++) {
      const value = Values.message(random, message, 3)
      for (const options of [{}, { alwaysPrint: true }, { idlNames: true }, { enumsAsNumbers: true }]) {
        const text = Json.toText(message, value, { registry, ...options })
        assert.deepStrictEqual(Json.fromText(message, text, { registry }), value)
      }
    }
  })

  it("twice in a row are their merger", () => {
    const random = new Random(9)
    for (let i = 0; i < rounds; i++) {
      const [a, b] = [Values.message(random, message, 2), Values.message(random, message, 2)]
      const [first, second] = [encode(message.codec, a), encode(message.codec, b)]
      const joined = decode(message.codec, Buffer.concat([first, second]))
      // What the second one sets stands; what is repeated stands twice.
      const merged = message.wire.decode(new Reader(second, limits), decode(message.codec, first) as never)
      assert.deepStrictEqual(joined, merged)
    }
  })

  it("have one form when written deterministically", () => {
    const random = new Random(10)
    const codec = Message.deterministic(message)
    for (let i = 0; i < rounds; i++) {
      const value = Values.message(random, message, 3)
      assert.strictEqual(encode(codec, reversed(value)).toString("hex"), encode(codec, value).toString("hex"))
    }
  })
})

const ofProto3 = named.filter(([name]) => name.startsWith("golden.v3."))

describe.each(ofProto3)("random values of %s", (name, message) => {
  it("are read and written alike by protobufjs", () => {
    const random = new Random(11)
    const type = peer.lookupType(name)
    const codec = Message.deterministic(message)
    for (let i = 0; i < rounds; i++) {
      const bytes = encode(codec, Values.message(random, message, 3))
      const again = decode(codec, type.encode(type.decode(bytes)).finish())
      assert.strictEqual(encode(codec, again).toString("hex"), bytes.toString("hex"))
    }
  })
})

/** The same value, with the entries of its maps in another order. */
const reversed = (value: unknown): unknown => {
  if (value instanceof Map) return new Map([...value].reverse().map(([key, item]) => [key, reversed(item)]))
  if (value instanceof Uint8Array || typeof value !== "object" || value === null) return value
  if (Array.isArray(value)) return value.map(reversed)
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, reversed(item)]))
}

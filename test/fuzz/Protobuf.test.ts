import { isDeepStrictEqual } from "node:util"
import { assert, describe, it } from "@effect/vitest"
import { isCodecError } from "../../src/Codec.ts"
import type { ProtobufCodec } from "../../src/grpc/GrpcCodec.ts"
import * as Json from "../../src/grpc/ProtobufJson.ts"
import * as Message from "../../src/grpc/ProtobufMessage.ts"
import { limits } from "../../src/grpc/ProtobufRead.ts"
import { Reader } from "../../src/wire/Reader.ts"
import { Writer } from "../../src/wire/Writer.ts"
import * as Vectors from "../golden/ProtobufVectors.ts"
import * as Budget from "./Budget.ts"
import { mutate } from "./Mutation.ts"
import { Random } from "./Random.ts"

const seed = 20_263

const seeds = Vectors.all
  .filter((vector) => vector.hexRepeat === undefined)
  .map(Vectors.bytesOf)
  .filter((bytes) => bytes.length > 0)

const messages = [...Vectors.registry.messages.values()].filter(({ isWellKnown }) => !isWellKnown)

describe("messages of protobuf", () => {
  it("decode, or fail with a typed error, in bounded time; what decodes is written and read again", () => {
    const random = new Random(seed)
    const reader = new Reader(new Uint8Array(0), limits)
    const writer = new Writer()
    const decode = (codec: ProtobufCodec<unknown>, bytes: Buffer): unknown => {
      reader.reset(bytes, 0, bytes.length)
      return codec.decode(reader)
    }
    const outcome = Budget.run(
      seed,
      Budget.inputs,
      () => mutate(random, seeds),
      (input) => {
        const codec = Message.partial(random.pick(messages))
        const value = decode(codec, input)
        writer.reset()
        codec.encode(writer, value)
        const again = decode(codec, writer.toBytes())
        if (!isDeepStrictEqual(again, value)) assert.deepStrictEqual(again, value)
      }
    )
    Budget.report("messages of protobuf", outcome)
    assert.isAbove(outcome.values, Budget.inputs / 100, "hardly anything decodes: the mutations are too wild")
    assert.isAbove(outcome.errors, Budget.inputs / 100, "hardly anything fails: the mutations are too tame")
  })

  it("that decode have JSON that reads as the same, or none", () => {
    const random = new Random(seed)
    let same = 0
    for (let i = 0; i < Budget.inputs / 10; i++) {
      const message = random.pick(messages)
      const bytes = mutate(random, seeds)
      try {
        const value = message.codec.decode(new Reader(bytes, limits))
        const json = Json.toJson(message, value, { registry: Vectors.registry })
        const again = Json.fromJson(message, json, { registry: Vectors.registry })
        assert.deepStrictEqual(Json.toJson(message, again, { registry: Vectors.registry }), json)
        same++
      } catch (error) {
        if (!isCodecError(error)) throw error
      }
    }
    assert.isAbove(same, Budget.inputs / 1000)
  })

  it("that are nothing but one thing many times take time in line with their size", () => {
    const units = ["0b", "0b0c", "8a0100", "080112017318", "8a018080808008", "1b", "fa3f00", "0a00", "ffffffff7f"]
    for (const unit of units) {
      for (const message of messages) {
        const time = (times: number): number => {
          const bytes = Buffer.from(unit.repeat(times), "hex")
          const start = performance.now()
          try {
            Message.partial(message).decode(new Reader(bytes, limits))
          } catch (error) {
            if (!isCodecError(error)) throw error
          }
          return performance.now() - start
        }
        time(20_000)
        assert.isBelow(Math.min(time(20_000), time(20_000), time(20_000)), 250, `${unit} as ${message.typeName}`)
      }
    }
  })

  it("that merge with themselves again and again take time in line with their size", () => {
    const inner = Buffer.from("8a0106" + "180172020061", "hex")
    const bytes = Buffer.concat(Array.from({ length: 50_000 }, () => inner))
    const start = performance.now()
    Vectors.messageOf("golden.v3.All").codec.decode(new Reader(bytes, limits))
    assert.isBelow(performance.now() - start, 2000)
  })
})

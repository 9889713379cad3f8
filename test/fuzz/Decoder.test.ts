import { isDeepStrictEqual } from "node:util"
import { assert, describe, it } from "@effect/vitest"
import { type Codec, isCodecError } from "../../src/Codec.ts"
import { isThriftMethodCodec, type Protocol, type ThriftCodec } from "../../src/thrift/ThriftCodec.ts"
import { Reader } from "../../src/wire/Reader.ts"
import { Writer } from "../../src/wire/Writer.ts"
import * as Golden from "../golden/gen/golden.ts"
import * as Budget from "./Budget.ts"
import { mutate } from "./Mutation.ts"
import { Random } from "./Random.ts"
import * as Seeds from "./Seeds.ts"

const seed = 20_262

/** All structs, and the arguments and results of all methods, which begin as structs do. */
const codecs: ReadonlyArray<unknown> = [
  Golden.Prims.codec,
  Golden.Bools.codec,
  Golden.Gaps.codec,
  Golden.Lists.codec,
  Golden.Sets.codec,
  Golden.Maps.codec,
  Golden.Tree.codec,
  Golden.U.codec,
  Golden.Holder.codec,
  Golden.Defaults.codec,
  Golden.Opts.codec,
  Golden.V1.codec,
  Golden.V2.codec,
  Golden.Boom.idl.codec,
  Golden.Other.idl.codec,
  ...Object.values(Golden.Svc.methods).flatMap(({ codec }) =>
    isThriftMethodCodec(codec) ? [codec.arguments, codec.result] : []
  )
]

const pick = (random: Random, protocol: Protocol) => (random.pick(codecs) as ThriftCodec<unknown>)[protocol]

const seedsOf = (protocol: Protocol): ReadonlyArray<Buffer> =>
  Seeds.vectors
    .filter((vector) => vector.kind !== "message" && vector.idl === "golden.thrift" && vector.protocol === protocol)
    .map(Seeds.toBytes)

describe.each(["binary", "compact"] as const)("values of %s", (protocol) => {
  it("decode, or fail with a typed error, in bounded time; what decodes can be encoded and decoded again", () => {
    const random = new Random(seed)
    const seeds = seedsOf(protocol)
    assert.isAbove(seeds.length, 40)
    const reader = new Reader()
    const writer = new Writer()
    const before = Budget.memory()
    const decode = (codec: Codec<unknown, Writer, Reader>, bytes: Buffer): unknown => {
      reader.reset(bytes, 0, bytes.length)
      return codec.decode(reader)
    }
    const outcome = Budget.run(
      seed,
      Budget.inputs,
      () => mutate(random, seeds),
      (input) => {
        const codec = pick(random, protocol)
        const value = decode(codec, input)
        writer.reset()
        codec.encode(writer, value)
        const again = decode(codec, writer.toBytes())
        if (!isDeepStrictEqual(again, value)) assert.deepStrictEqual(again, value)
      }
    )
    Budget.report(`values of ${protocol}`, outcome)
    assert.isAbove(outcome.values, Budget.inputs / 100, "hardly anything decodes: the mutations are too wild")
    assert.isAbove(outcome.errors, Budget.inputs / 100, "hardly anything fails: the mutations are too tame")
    assert.isBelow(Budget.memory() - before, 64 * 1024 * 1024, "bytes that stayed")
  })

  it("take no memory for what they announce and do not have", () => {
    const random = new Random(seed)
    const seeds = seedsOf(protocol)
    const reader = new Reader()
    let most = 0
    for (let i = 0; i < 500; i++) {
      // A size of 2^31 - 1, as Binary and as Compact write it, at every place of a vector.
      const input = Buffer.from(random.pick(seeds))
      const bomb = protocol === "binary" ? Buffer.from("7fffffff", "hex") : Buffer.from("ffffffff07", "hex")
      const bytes = Buffer.concat([input.subarray(0, random.below(input.length + 1)), bomb, input])
      const before = process.memoryUsage()
      reader.reset(bytes, 0, bytes.length)
      try {
        pick(random, protocol).decode(reader)
      } catch (error) {
        if (!isCodecError(error)) throw error
      }
      const after = process.memoryUsage()
      most = Math.max(most, after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers)
    }
    assert.isBelow(most, 8 * 1024 * 1024, "bytes for one input")
  })
})

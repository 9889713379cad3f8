import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import { isCodecError } from "../../src/Codec.ts"
import * as Dynamic from "../../src/codegen/Dynamic.ts"
import type * as Ir from "../../src/codegen/Ir.ts"
import * as Json from "../../src/codegen/Json.ts"
import * as NodeFiles from "../../src/codegen/NodeFiles.ts"
import * as ThriftFrontEnd from "../../src/codegen/ThriftFrontEnd.ts"
import * as Type from "../../src/codegen/v1/Type.ts"
import type { Protocol } from "../../src/thrift/ThriftCodec.ts"
import { Reader } from "../../src/wire/Reader.ts"
import { Writer } from "../../src/wire/Writer.ts"
import { mutate } from "../fuzz/Mutation.ts"
import { Random } from "../fuzz/Random.ts"
import * as golden from "../golden/gen/golden.ts"
import * as otherBase from "./gen/other/common_base.ts"
import * as other from "./gen/other/kitchen.ts"
import * as base from "./gen/usual/common/base.ts"
import * as kitchen from "./gen/usual/kitchen.ts"
import * as names from "./gen/usual/names.ts"
import * as Values from "./Values.ts"

const seed = 7_411

const messagesOfFiles = (paths: ReadonlyArray<string>): ReadonlyMap<string, Ir.Message> => {
  const program = ThriftFrontEnd.compile(
    paths.map((path) => `test/${path}`),
    NodeFiles.files
  )
  if (Result.isFailure(program)) throw new Error(program.failure[0]!.message)
  return new Map(program.success.files.flatMap((file) => file.messages.map((message) => [message.name, message])))
}

const idls: Record<string, ReadonlyMap<string, Ir.Message>> = {
  golden: messagesOfFiles(["golden/idl/golden.thrift"]),
  kitchen: messagesOfFiles(["codegen/idl/kitchen.thrift"]),
  names: messagesOfFiles(["codegen/idl/names.thrift"])
}

const cases = (
  [
    ["golden", golden],
    ["kitchen", { ...base, ...kitchen }],
    ["names", names],
    ["kitchen", { ...otherBase, ...other }]
  ] as const
).flatMap(([idl, module]) =>
  Values.messagesOf(module)
    // A union without fields has no values.
    .filter((message) => message.kind !== "union" || message.fields().length > 0)
    .map((message) => ({ name: message.idlName, message, ir: idls[idl]!.get(message.idlName)! }))
)

const encode = (message: Type.AnyMessage, protocol: Protocol, value: unknown): Buffer => {
  const writer = new Writer(8)
  message.codec[protocol].encode(writer, value)
  return writer.toBytes()
}

const attempt = <A>(run: () => A): A | undefined => {
  try {
    return run()
  } catch (error) {
    if (isCodecError(error)) return undefined
    throw error
  }
}

describe.each(["binary", "compact"] as const)("%s", (protocol) => {
  it.each(cases)("values of $name survive, and generated and dynamic codecs agree on every byte", ({ ir, message }) => {
    const random = new Random(seed)
    const type = Type.message(message)
    for (let i = 0; i < 60; i++) {
      const value = Values.value(random, message)
      const json = Json.of(type, value)
      const bytes = encode(message, protocol, value)
      const decoded = message.codec[protocol].decode(new Reader(bytes))
      assert.deepStrictEqual(Json.of(type, decoded), json)
      assert.strictEqual(encode(message, protocol, decoded).toString("hex"), bytes.toString("hex"))
      assert.deepStrictEqual(Dynamic.decode(new Reader(bytes), protocol, ir), json)
      const dynamic = Result.getOrThrow(Dynamic.toBytes(ir, protocol, json))
      assert.strictEqual(Buffer.from(dynamic).toString("hex"), bytes.toString("hex"))
      assert.deepStrictEqual(Json.of(type, Json.to(type, json)), json)
    }
  })

  it("damaged bytes are the same value or an error to both", () => {
    const random = new Random(seed)
    const usual = cases.slice(0, -Values.messagesOf({ ...otherBase, ...other }).length)
    const seeds = usual.flatMap(({ message }) =>
      Array.from({ length: 3 }, () => encode(message, protocol, Values.value(random, message, 2)))
    )
    const outcomes = { values: 0, errors: 0 }
    for (let i = 0; i < 20_000; i++) {
      const { ir, message } = random.pick(usual)
      const bytes = mutate(
        random,
        seeds.filter((each) => each.length > 0 && each.length < 400)
      )
      const generated = attempt(() => message.codec[protocol].decode(new Reader(bytes)))
      const dynamic = attempt(() => Dynamic.decode(new Reader(bytes), protocol, ir))
      if (generated === undefined || dynamic === undefined) {
        outcomes.errors++
        // Only generated code has i64 fields that are numbers.
        if (generated === dynamic || mentionsNumber(message)) continue
        assert.fail(
          `${message.idlName} ${bytes.toString("hex")}: generated ${String(generated)}, dynamic ${String(dynamic)}`
        )
      } else outcomes.values++
      const type = Type.message(message)
      // Through values, so that a key that comes twice is there once.
      assert.deepStrictEqual(Json.of(type, generated), Json.of(type, Json.to(type, dynamic)))
    }
    assert.isAbove(outcomes.values, 1000)
    assert.isAbove(outcomes.errors, 1000)
  })
})

const mentionsNumber = (message: Type.AnyMessage): boolean =>
  ["Scalars", "Containers", "Defaults"].includes(message.idlName)

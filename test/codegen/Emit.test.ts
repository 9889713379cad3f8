import { readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import { CodecError, type CodecReason } from "../../src/Codec.ts"
import * as Emit from "../../src/codegen/Emit.ts"
import * as NodeFiles from "../../src/codegen/NodeFiles.ts"
import * as ThriftFrontEnd from "../../src/codegen/ThriftFrontEnd.ts"
import type { Protocol, ThriftCodec } from "../../src/thrift/ThriftCodec.ts"
import { isThriftMethodCodec } from "../../src/thrift/ThriftCodec.ts"
import { Reader } from "../../src/wire/Reader.ts"
import { Writer } from "../../src/wire/Writer.ts"
import * as golden from "../golden/gen/golden.ts"
import * as kept from "./gen/other/kitchen.ts"
import * as base from "./gen/usual/common/base.ts"
import * as kitchen from "./gen/usual/kitchen.ts"
import * as names from "./gen/usual/names.ts"

const protocols: ReadonlyArray<Protocol> = ["binary", "compact"]

const encode = <A>(codec: ThriftCodec<A>, protocol: Protocol, value: A): Buffer => {
  const writer = new Writer(4)
  codec[protocol].encode(writer, value)
  return writer.toBytes()
}

const decode = <A>(codec: ThriftCodec<A>, protocol: Protocol, bytes: Uint8Array): A =>
  codec[protocol].decode(new Reader(bytes))

const refused = (reason: CodecReason, message: RegExp, run: () => unknown): void => {
  try {
    run()
  } catch (error) {
    assert.instanceOf(error, CodecError)
    assert.strictEqual(error.reason, reason)
    assert.match(error.message, message)
    return
  }
  assert.fail("nothing was thrown")
}

const emitted = (idl: string, options?: Emit.Options): ReadonlyMap<string, string> => {
  const program = ThriftFrontEnd.compile([idl], NodeFiles.files)
  if (Result.isFailure(program)) throw new Error(program.failure[0]!.message)
  return new Map(Emit.emit(program.success, options).map(({ path, text }) => [path, text]))
}

const ofText = (text: string, options?: Emit.Options): string => {
  const program = ThriftFrontEnd.compile(["a.thrift"], { read: (path) => (path === "a.thrift" ? text : undefined) })
  if (Result.isFailure(program)) throw new Error(program.failure[0]!.message)
  return Emit.emit(program.success, options)[0]!.text
}

describe("the text", () => {
  it("is the same every time, and what is committed", () => {
    const all = emitted("test/codegen/idl/kitchen.thrift")
    assert.deepStrictEqual([...all.keys()].sort(), ["common/base.ts", "kitchen.ts"])
    for (const [path, text] of all) {
      assert.strictEqual(text, readFileSync(`test/codegen/gen/usual/${path}`, "utf8"))
    }
    assert.deepStrictEqual([...emitted("test/codegen/idl/kitchen.thrift")], [...all])
  })

  it("is laid out flat when asked", () => {
    const all = emitted("test/codegen/idl/kitchen.thrift", { layout: "flat" })
    assert.deepStrictEqual([...all.keys()].sort(), ["common_base.ts", "kitchen.ts"])
    assert.include(all.get("kitchen.ts"), 'import * as commonBase from "./common_base.ts"')
  })

  it("imports only the runtime and its siblings", () => {
    for (const text of emitted("test/codegen/idl/kitchen.thrift", { importExtension: ".js" }).values()) {
      const from = [...text.matchAll(/ from "(.*)"/g)].map((match) => match[1])
      for (const each of from) assert.match(each!, /^(volant\/codegen\/v1|\.\/.*\.js)$/)
    }
  })

  it("keeps the IDL's comments, and none of them ends ours", () => {
    const text = ofText(
      "/** First.\n * Second. */ struct A {\n 1: i32 a // x */ y\n}\n/** z */ enum E { /** q */ B = 1 }"
    )
    assert.include(text, "/**\n * First.\n * Second.\n */\nexport interface A {")
    assert.include(text, "  /** q */\n  B: 1")
    assert.notInclude(text, "x */ y")
  })

  it("has fewer than 15 lines of boilerplate for a method", () => {
    const text = emitted("test/codegen/idl/kitchen.thrift").get("kitchen.ts")!
    const entries = text.slice(text.indexOf("export class Kitchen ")).split(/^ {2}\w+: Method\./m)
    for (const entry of entries.slice(1, -1)) assert.isBelow(entry.split("\n").length, 15)
  })

  it("names a module without declarations a module", () => assert.include(ofText("namespace js a.b"), "export {}"))

  it("takes a struct of 500 fields", () => {
    const fields = Array.from({ length: 500 }, (_, i) => `${i + 1}: optional string field_${i}`)
    const text = ofText(`struct Wide { ${fields.join(", ")} }`)
    assert.include(text, 'Type.optional(500, "field_499", "field499", Type.string)')
  })
})

describe("structs", () => {
  it("have all keys, in the order of ids, whatever was there", () => {
    const value = decode(kitchen.Scalars.codec, "binary", Uint8Array.of(0))
    assert.deepStrictEqual(Object.keys(value), Object.keys(kitchen.Scalars.make({})))
    assert.isTrue(Object.values(value).every((each) => each === undefined))
  })

  it("get their defaults from the constructor, never from the decoder", () => {
    const value = kitchen.Defaults.make()
    assert.strictEqual(value.limit, base.LIMIT)
    assert.strictEqual(value.greeting, "héllo\n")
    assert.deepStrictEqual(value.page, { size: 3, cursor: undefined })
    assert.deepStrictEqual(value.choice, { _tag: "number", value: 4 })
    assert.strictEqual(value.counted, 5)
    assert.deepStrictEqual(kitchen.Defaults.make({ few: new Set([9n]) }).few, new Set([9n]))
    const empty = decode(golden.Defaults.codec, "compact", Uint8Array.of(0))
    assert.deepStrictEqual(empty, { a: undefined, s: undefined, o: undefined, l: undefined, c: undefined })
  })

  it.each(protocols)("refuse to be without a required field, on both sides of %s", (protocol) => {
    const page = { cursor: "c" } as never
    refused("MissingField", /Page\.size is required/, () => encode(base.Page.codec, protocol, page))
    refused("MissingField", /Page\.size is required/, () => decode(base.Page.codec, protocol, Uint8Array.of(0)))
  })

  it("hold i64 as bigint, or as number where an annotation or the option says so", () => {
    const value = kitchen.Scalars.make({ wide: 2n ** 62n, stamp: 1n, millis: 2 ** 40, counted: -3, inline: 7 })
    for (const protocol of protocols) {
      assert.deepStrictEqual(
        decode(kitchen.Scalars.codec, protocol, encode(kitchen.Scalars.codec, protocol, value)),
        value
      )
    }
    assert.strictEqual(kept.Scalars.make({ wide: 5 }).wide, 5)
  })

  it.each(protocols)("refuse an i64 of %s that a number cannot hold", (protocol) => {
    const bytes = encode(kitchen.Scalars.codec, protocol, kitchen.Scalars.make({ wide: 2n ** 53n }))
    assert.strictEqual(decode(kitchen.Scalars.codec, protocol, bytes).wide, 2n ** 53n)
    refused("LimitExceeded", /too large for a JavaScript number/, () => decode(kept.Scalars.codec, protocol, bytes))
    const unsafe = kitchen.Scalars.make({ counted: 2 ** 53 })
    refused("InvalidValue", /Scalars\.counted/, () => encode(kitchen.Scalars.codec, protocol, unsafe))
  })

  it("do not share memory with what they were read from", () => {
    const bytes = encode(kitchen.Scalars.codec, "binary", kitchen.Scalars.make({ raw: Uint8Array.of(1, 2, 3) }))
    const value = decode(kitchen.Scalars.codec, "binary", bytes)
    bytes.fill(0xff)
    assert.deepStrictEqual(value.raw, Uint8Array.of(1, 2, 3))
  })
})

describe.each(protocols)("a value that is not of the IDL's type, in %s", (protocol) => {
  const scalars = (fields: Record<string, unknown>) => () =>
    encode(kitchen.Scalars.codec, protocol, fields as kitchen.Scalars)
  const containers = (fields: Record<string, unknown>) => () =>
    encode(kitchen.Containers.codec, protocol, fields as kitchen.Containers)

  it.each([
    ["flag", 1],
    ["flag", "true"],
    ["tiny", 128],
    ["tiny", -129],
    ["older", 0.5],
    ["small", 32768],
    ["plain", 2147483648],
    ["plain", NaN],
    ["plain", "5"],
    ["wide", 2n ** 63n],
    ["wide", -(2n ** 63n) - 1n],
    ["wide", 5],
    ["real", "1"],
    ["text", 5],
    ["text", ["a"]],
    ["raw", "ab"],
    ["raw", [1, 2]],
    ["id", "not-a-uuid"],
    ["level", "LOW"],
    ["counted", 1.5],
    ["counted", 1n]
  ])("%s: %s is refused by name", (field, value) =>
    refused("InvalidValue", new RegExp(`^Scalars\\.${field}: .* is not `), scalars({ [field]: value }))
  )

  it("is named by its path", () => {
    refused("InvalidValue", /^Containers\.cube\[0\]\[1\]\[0\]: /, containers({ cube: [[[], ["x"]]] }))
    refused("InvalidValue", /^Containers\.counts\[b\]: 5 is not an i64/, containers({ counts: new Map([["b", 5]]) }))
    refused(
      "InvalidValue",
      /^Containers\.counts\[key 1\]: 1 is not a string/,
      containers({ counts: new Map([[1, 1n]]) })
    )
    refused("InvalidValue", /^Containers\.pages\[7\]\.size/, containers({ pages: new Map([[7n, { size: "x" }]]) }))
    refused("InvalidValue", /^Containers\.flags: .* is not an array/, containers({ flags: new Set([true]) }))
    refused("InvalidValue", /^Containers\.words: .* is not a Set/, containers({ words: ["a"] }))
    refused("InvalidValue", /^Containers\.counts: .* is not a Map/, containers({ counts: { a: 1n } }))
    refused("InvalidValue", /^Containers\.nodes\[1\]: .* is not a Node/, containers({ nodes: [{}, null] }))
    refused(
      "InvalidValue",
      /^Containers\.choices\[0\]\.several\[0\]\.text/,
      containers({
        choices: [kitchen.Choice.make("several", [{ _tag: "text", value: 5 as never }])]
      })
    )
  })

  it("leaves nothing behind in the writer", () => {
    const writer = new Writer(8)
    writer.position = 3
    refused("InvalidValue", /text/, () =>
      kitchen.Scalars.codec[protocol].encode(writer, { plain: 1, text: 5 } as never)
    )
    assert.strictEqual(writer.position, 3)
  })

  it("that contains itself is an error, not an endless loop", () => {
    const node: { value: number; next?: kitchen.Node } = { value: 1 }
    node.next = node
    refused("LimitExceeded", /contain itself/, () => encode(kitchen.Node.codec, protocol, node))
    const tree: { v: number; left?: golden.Tree; right?: golden.Tree } = { v: 1 }
    tree.left = tree.right = tree
    refused("LimitExceeded", /contain itself/, () => encode(golden.Tree.codec, protocol, tree))
  })
})

describe("depth", () => {
  const nested = (levels: number): kitchen.Node =>
    Array.from({ length: levels - 1 }).reduce<kitchen.Node>(
      (next) => kitchen.Node.make({ next }),
      kitchen.Node.make({})
    )

  it.each(protocols)("of 64 is read, of 65 is not, in %s", (protocol) => {
    const bytes = (levels: number) => encode(kitchen.Node.codec, protocol, nested(levels))
    assert.deepStrictEqual(decode(kitchen.Node.codec, protocol, bytes(64)), nested(64))
    refused("LimitExceeded", /deeper than 64/, () => decode(kitchen.Node.codec, protocol, bytes(65)))
    // Skipped values are held to the same.
    refused("LimitExceeded", /deeper than 64/, () => decode(kitchen.Blank.codec, protocol, bytes(65)))
    decode(kitchen.Blank.codec, protocol, bytes(64))
  })

  it.each(protocols)("has the reader's limit, in %s", (protocol) => {
    const bytes = encode(kitchen.Node.codec, protocol, nested(65))
    const reader = new Reader(bytes, { depth: 65 })
    assert.deepStrictEqual(kitchen.Node.codec[protocol].decode(reader), nested(65))
    assert.strictEqual(reader.depth, 65)
  })
})

describe("unions", () => {
  it.each(protocols)("have exactly one field, on both sides of %s", (protocol) => {
    const { codec } = kitchen.Choice
    refused("MissingField", /the union Choice has no field set/, () => decode(codec, protocol, Uint8Array.of(0)))
    refused("InvalidValue", /Choice: "other" is not the name/, () =>
      encode(codec, protocol, { _tag: "other", value: 1 } as never)
    )
    refused("InvalidValue", /undefined/, () => encode(codec, protocol, {} as never))
    const both = Buffer.concat([
      encode(codec, protocol, kitchen.Choice.make("number", 1)).subarray(0, -1),
      encode(codec, "binary", kitchen.Choice.make("text", "b"))
    ])
    if (protocol === "binary")
      refused("Malformed", /two fields set, number and text/, () => decode(codec, protocol, both))
  })

  it("that know no field have no value", () =>
    refused("MissingField", /the union Nothing/, () => decode(kitchen.Nothing.codec, "binary", Uint8Array.of(0))))
})

describe("exceptions", () => {
  it("are tagged errors, made of their fields", () => {
    const error = new kitchen.Failed({ code: 5, message: "no" })
    assert.instanceOf(error, Error)
    assert.strictEqual(error._tag, "Failed")
    assert.strictEqual(error.message, "no")
    assert.strictEqual(kitchen.Failed.make({ code: 1 }).times, 3)
    assert.strictEqual(new kitchen.Plain()._tag, "Plain")
  })

  it.each(protocols)("keep an absent message absent, in %s", (protocol) => {
    const absent = new kitchen.Failed({ code: 5 })
    assert.isFalse(Object.hasOwn(absent, "message"))
    assert.strictEqual(absent.message, "code: 5")
    const bytes = encode(kitchen.Failed.codec, protocol, absent)
    assert.isFalse(Object.hasOwn(decode(kitchen.Failed.codec, protocol, bytes), "message"))
    const empty = encode(kitchen.Failed.codec, protocol, new kitchen.Failed({ code: 5, message: "" }))
    assert.isAbove(empty.length, bytes.length)
    assert.isTrue(Object.hasOwn(decode(kitchen.Failed.codec, protocol, empty), "message"))
  })

  it("have no stack trace of the decoder when they were received", () => {
    const limit = Error.stackTraceLimit
    const bytes = encode(kitchen.Failed.codec, "binary", new kitchen.Failed({ message: "no" }))
    assert.strictEqual(decode(kitchen.Failed.codec, "binary", bytes).stack, "Failed: no")
    assert.strictEqual(Error.stackTraceLimit, limit)
  })

  it("may be named like what errors have", () => {
    const error = new names.Error({ message: "m", name: "n", cause_: 1, _tag_: "t", code: 2 })
    const again = decode(names.Error.codec, "binary", encode(names.Error.codec, "binary", error))
    assert.deepStrictEqual({ ...again }, { ...error })
    assert.strictEqual(again.name, "n")
    assert.strictEqual(new names.Error({}).name, "Error")
  })
})

describe("unknown fields", () => {
  const value = kept.Node.make({
    value: 5,
    next: kept.Node.make({ value: 6 }),
    named: new Map([["a", kept.Node.make()]])
  })

  it.each(protocols)("are kept and written again, in %s", (protocol) => {
    const bytes = encode(kept.Node.codec, protocol, value)
    const blank = decode(kept.Blank.codec, protocol, bytes)
    assert.deepStrictEqual(decode(kept.Node.codec, protocol, encode(kept.Blank.codec, protocol, blank)), value)
  })

  it.each(protocols)("stay out of the other protocol than %s", (protocol) => {
    const blank = decode(kept.Blank.codec, protocol, encode(kept.Node.codec, protocol, value))
    const other = protocol === "binary" ? "compact" : "binary"
    assert.deepStrictEqual(encode(kept.Blank.codec, other, blank), Buffer.of(0))
  })

  it.each(protocols)("are skipped where they are not kept, in %s", (protocol) => {
    const bytes = encode(kept.Node.codec, protocol, value)
    assert.deepStrictEqual(decode(kitchen.Blank.codec, protocol, bytes), {})
  })
})

const methodCodec = (service: keyof typeof kitchen.Kitchen.methods) => {
  const { codec } = kitchen.Kitchen.methods[service]
  assert.isTrue(isThriftMethodCodec(codec))
  if (!isThriftMethodCodec(codec)) throw new Error("not a Thrift method")
  return codec
}

describe.each(protocols)("methods, in %s", (protocol) => {
  it("have arguments as one object, which are demanded unless the IDL says otherwise", () => {
    const cook = methodCodec("cook").arguments
    const args = { recipe: kitchen.Node.make({ value: 1 }), minutes: undefined, servings: undefined }
    assert.deepStrictEqual(decode(cook, protocol, encode(cook, protocol, args)), args)
    refused("MissingField", /Kitchen\.cook arguments\.recipe/, () => decode(cook, protocol, Uint8Array.of(0)))
  })

  it("answer with a result or a declared exception", () => {
    const { result } = methodCodec("cook")
    const success = Result.succeed(kitchen.Choice.make("flag", true))
    assert.deepStrictEqual(decode(result, protocol, encode(result, protocol, success)), success)
    const failure = decode(result, protocol, encode(result, protocol, Result.fail(new base.Denied({ message: "no" }))))
    assert.isTrue(Result.isFailure(failure) && failure.failure instanceof base.Denied)
    refused("MissingField", /Kitchen\.cook has neither/, () => decode(result, protocol, Uint8Array.of(0)))
    refused("InvalidValue", /Kitchen\.cook failed with Plain, which it does not declare/, () =>
      encode(result, protocol, Result.fail(new kitchen.Plain()))
    )
    refused("InvalidValue", /Kitchen\.cook result\.code/, () =>
      encode(result, protocol, Result.fail(new kitchen.Failed({ code: 0.5 })))
    )
  })

  it("may answer with nothing", () => {
    const { result } = methodCodec("clean")
    assert.deepStrictEqual(encode(result, protocol, Result.void), Buffer.of(0))
    assert.deepStrictEqual(decode(result, protocol, Buffer.of(0)), Result.void)
    const failed = encode(result, protocol, Result.fail(new kitchen.Plain()))
    assert.isTrue(Result.isFailure(decode(result, protocol, failed)))
  })
})

describe("contracts", () => {
  it("are named by the namespace meant for us, and hold what they inherit", () => {
    assert.strictEqual(kitchen.Kitchen.contract, "acme.kitchen.Kitchen")
    assert.strictEqual(base.Health.contract, "acme.common.Health")
    assert.strictEqual(names.Names.contract, "odd.names.Names")
    const { cook, healthy, note } = kitchen.Kitchen.methods
    assert.strictEqual(healthy.fullName, "acme.kitchen.Kitchen.healthy")
    assert.deepStrictEqual([healthy.idempotent, cook.idempotent], [true, false])
    assert.deepStrictEqual([note.kind, cook.kind], ["oneway", "unary"])
  })
})

describe("constants", () => {
  it("are values of their types", () => {
    assert.deepStrictEqual(kitchen.FIRST, { size: 10, cursor: "start" })
    assert.deepStrictEqual(kitchen.CHOSEN, { _tag: "text", value: `it's "quoted"` })
    assert.strictEqual(kitchen.HUGE, 2n ** 63n - 1n)
    assert.strictEqual(kitchen.PREFERRED, base.Level.HIGH)
    assert.deepStrictEqual(kitchen.TABLE.get("a"), [1n])
  })

  it("come after what they need", () => {
    const text = ofText("const A X = {}\nstruct A { 1: i32 b = LATER }\nconst i32 LATER = 1")
    assert.isBelow(text.indexOf("export const LATER"), text.indexOf("export const X"))
  })
})

describe("enums", () => {
  it("let numbers of newer IDLs through", () => {
    const bytes = encode(kitchen.Scalars.codec, "binary", kitchen.Scalars.make({ level: 99 }))
    assert.strictEqual(decode(kitchen.Scalars.codec, "binary", bytes).level, 99)
  })
})

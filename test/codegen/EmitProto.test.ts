import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import { Greeter, HelloRequest, NobodyThere } from "../../examples/greeter/gen/greeter.ts"
import * as Diagnostic from "../../src/codegen/Diagnostic.ts"
import * as EmitProto from "../../src/codegen/EmitProto.ts"
import * as ProtoFrontEnd from "../../src/codegen/ProtoFrontEnd.ts"
import { isGrpcMethodCodec } from "../../src/grpc/GrpcCodec.ts"
import * as Json from "../../src/grpc/ProtobufJson.ts"
import * as Message from "../../src/grpc/ProtobufMessage.ts"
import { limits } from "../../src/grpc/ProtobufRead.ts"
import * as Registry from "../../src/grpc/ProtobufRegistry.ts"
import type * as Type from "../../src/grpc/ProtobufType.ts"
import { Reader } from "../../src/wire/Reader.ts"
import { Writer } from "../../src/wire/Writer.ts"
import { Random } from "../fuzz/Random.ts"
import { Defs, Grp, Req, Scalars } from "../golden/gen/golden2.ts"
import { All } from "../golden/gen/golden3.ts"
import * as Values from "../grpc/ProtobufValues.ts"
import * as other from "./gen/proto-other/names.ts"
import * as names from "./gen/proto/names.ts"

const emit = (text: string, options?: EmitProto.Options): string => {
  const program = ProtoFrontEnd.compile(["a.proto"], { read: (path) => (path === "a.proto" ? text : undefined) })
  if (Result.isFailure(program)) throw new Error(program.failure.map(Diagnostic.render).join("\n"))
  return EmitProto.emit(program.success.files, options)
    .map((output) => output.text)
    .join("")
}

const encode = <A>(message: Type.Message<A>, value: A): Buffer => {
  const writer = new Writer()
  message.codec.encode(writer, value)
  return writer.toBytes()
}

const again = <A>(message: Type.Message<A>, value: A): A =>
  message.codec.decode(new Reader(encode(message, value), limits))

describe("what is generated of a .proto file", () => {
  it("is the same each time", () => {
    const text = 'syntax = "proto3"; message A { int32 a = 1; A b = 2; } service S { rpc M(A) returns (A); }'
    assert.strictEqual(emit(text), emit(text))
  })

  it("keeps comments, and closes none of ours", () => {
    const text = emit(
      'syntax = "proto3";\n// A thing. */ alert(1) /*\nmessage A {\n  // Its size.\n  int32 size = 1;\n}'
    )
    assert.include(text, "/** A thing. *\\/ alert(1) /* */\nexport interface A {")
    assert.include(text, "  /** Its size. */\n  readonly size: number")
  })

  it("says what is deprecated", () => {
    const text = emit(`syntax = "proto3";
      enum E { A = 0; B = 1 [deprecated = true]; }
      // A thing.
      message M {
        option deprecated = true;
        int32 a = 1 [deprecated = true];
        int32 b = 2 [deprecated = false];
        oneof o { int32 c = 3 [deprecated = true]; }
      }
      service S { rpc Do(M) returns (M) { option deprecated = true; } }`)
    assert.include(text, "  /** @deprecated */\n  B: 1")
    assert.include(text, "/**\n * A thing.\n *\n * @deprecated\n */\nexport interface M {")
    assert.include(text, "  /** @deprecated */\n  readonly a: number\n  readonly b: number")
    assert.include(text, '/** @deprecated */\n      readonly _tag: "c"')
    assert.include(text, "  /** @deprecated */\n  do: Method.unary<M, M>({")
    assert.strictEqual(text.split("@deprecated").length, 6)
  })

  it("has 64 bits as the options and jstype say", () => {
    const text = 'syntax = "proto3"; message A { int64 a = 1; int64 b = 2 [jstype = JS_NUMBER]; }'
    assert.match(emit(text), /readonly a: bigint\n {2}readonly b: number/)
    assert.match(emit(text, { i64: "number" }), /readonly a: number\n {2}readonly b: number/)
  })

  it("has a class for each error, with the service that declares it or without", () => {
    const text =
      'syntax = "proto3"; import "volant/errors.proto"; message Busy { option (volant.status) = UNAVAILABLE; }'
    assert.include(emit(text), 'export class Busy extends Message.TaggedError("Busy")<{')
  })

  it("carries the descriptor of its file, unless the options say otherwise", () => {
    const text = 'syntax = "proto3"; message A { enum E { X = 0; } } service S { rpc M(A) returns (A); }'
    assert.include(emit(text), "export function file_a(): ProtoFile.ProtoFile {")
    assert.include(emit(text), 'Message.method("/S/M", A, A, [], file_a)')
    assert.notMatch(emit(text, { descriptors: false }), /ProtoFile|file_a/)
    assert.include(emit(text, { descriptors: false }), 'Message.method("/S/M", A, A)')
    assert.include(emit('syntax = "proto3"; message file_a {}'), "export function file_a_(): ProtoFile.ProtoFile {")
    assert.notInclude(emit('syntax = "proto3"; import "google/protobuf/any.proto";'), "import * as any")
  })

  it("imports nothing that it does not need", () => {
    const text = emit('syntax = "proto3"; enum E { A = 0; }', { descriptors: false })
    assert.strictEqual(text.split("\n")[2], "export const E = {")
    assert.notInclude(emit('syntax = "proto3"; message A {} service S { rpc M(A) returns (A); }'), "v1/stream")
  })
})

describe("names", () => {
  const messages = [names, other].flatMap((module) =>
    [...Registry.make(module).messages.values()].filter((message) => !message.isWellKnown)
  )

  it.each(messages.map((message) => [message.typeName, message] as const))(
    "%s works whatever it is called",
    (_, message) => {
      const random = new Random(5)
      for (let i = 0; i < 20; i++) {
        const made = Values.message(random, message, 3) as object
        const value: unknown = message.construct === undefined ? made : message.construct(made)
        const read: unknown = again(message, value)
        assert.deepStrictEqual(Json.toJson(message, read), Json.toJson(message, value))
        if (message.construct === undefined) assert.deepStrictEqual(read, value)
      }
    }
  )
})

describe("messages", () => {
  it("are made with zeros where nothing is given", () => {
    const made = All.make({ fInt32: 5 })
    assert.strictEqual(made.fInt32, 5)
    assert.strictEqual(made.fInt64, 0n)
    assert.deepStrictEqual(made.fBytes, new Uint8Array(0))
    assert.isUndefined(made.oInt32)
    assert.deepStrictEqual(again<All>(All, made), made)
  })

  it("carry what they do not know from one peer to the next", () => {
    const unknown = Uint8Array.of(0xf8, 0x07, 0x05)
    const read = All.codec.decode(new Reader(unknown, limits))
    assert.deepStrictEqual(read[Message.unknownFields], unknown)
    assert.deepStrictEqual(encode<All>(All, { ...read, fInt32: 1 }), Buffer.from([0x18, 1, ...unknown]))
    assert.deepStrictEqual(All.make(read)[Message.unknownFields], unknown)
  })

  it("know the defaults of proto2, and leave absence as it is", () => {
    assert.strictEqual(Defs.defaults.i, -7)
    assert.strictEqual(Defs.defaults.u, 18446744073709551615n)
    assert.isNaN(Defs.defaults.f)
    assert.deepStrictEqual(Defs.defaults.b, Uint8Array.of(0, 255))
    assert.isUndefined(again<Defs>(Defs, Defs.make()).i)
  })

  it("demand required fields, also of messages within, both ways", () => {
    assert.throws(() => encode<Req>(Req, {} as Req), /golden\.v2\.Req\.id is required and absent/)
    assert.throws(() => encode<Grp>(Grp, Grp.make({ many: [{} as never] })), /golden\.v2\.Grp\.Many\.n is required/)
    assert.throws(() => Req.codec.decode(new Reader(Buffer.alloc(0))), /golden\.v2\.Req\.id is required/)
    assert.isUndefined(Message.partial<Req>(Req).decode(new Reader(Buffer.alloc(0))).id)
  })

  it("that are wrong say where, and leave nothing behind", () => {
    const writer = new Writer()
    const wrong = All.make({ fSelf: All.make({ fInt32: "5" as never }) })
    assert.throws(() => All.codec.encode(writer, wrong), 'golden.v3.All.fSelf.fInt32: "5" is not an int32')
    assert.strictEqual(writer.position, 0)
    assert.throws(() => Scalars.codec.encode(writer, 5 as never), /golden\.v2\.Scalars/)
    assert.throws(() => All.codec.encode(writer, {} as never), /golden\.v3\.All/)
  })
})

describe("services", () => {
  const { sayHello, sayHelloOften, sayHelloToAll, sayHelloToEach } = Greeter.methods

  it("have methods of all kinds", () => {
    const kinds = [sayHello, sayHelloOften, sayHelloToAll, sayHelloToEach].map((method) => method.kind)
    assert.deepStrictEqual<ReadonlyArray<string>>(kinds, ["unary", "serverStream", "clientStream", "bidiStream"])
    assert.strictEqual(sayHello.fullName, "volant.example.greeter.Greeter.SayHello")
    assert.isTrue(sayHello.idempotent)
    assert.isFalse(sayHelloOften.idempotent)
  })

  it("declare their errors, which travel with a status", () => {
    const { codec } = sayHello
    if (!isGrpcMethodCodec(codec)) return assert.fail("not gRPC's")
    assert.strictEqual(codec.path, "/volant.example.greeter.Greeter/SayHello")
    const [declared] = codec.errors
    const error = new NobodyThere({ name: "Nemo" })
    assert.strictEqual(declared?.code, 5)
    assert.strictEqual(declared?.typeName, "volant.example.greeter.NobodyThere")
    assert.isTrue(declared?.is(error))
    assert.isFalse(declared?.is(HelloRequest.make()))
    const read = again(NobodyThere.idl, error)
    assert.instanceOf(read, NobodyThere)
    assert.strictEqual(read._tag, "NobodyThere")
    assert.strictEqual(read.name, "Nemo")
  })
})

import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Logger from "effect/Logger"
import * as Result from "effect/Result"
import * as ProtoDescriptor from "../../src/codegen/ProtoDescriptor.ts"
import * as ProtoFrontEnd from "../../src/codegen/ProtoFrontEnd.ts"
import * as DescriptorPool from "../../src/grpc/DescriptorPool.ts"
import * as FileDescriptor from "../../src/grpc/FileDescriptor.ts"
import * as Library from "../../src/grpc/gen/library.ts"
import * as Health from "../../src/grpc/Health.ts"
import * as ProtobufFile from "../../src/grpc/ProtobufFile.ts"
import * as Reflection from "../../src/grpc/Reflection.ts"
import { live } from "../fixtures/GrpcServed.ts"
import { ask, byName, filesOf, start } from "../fixtures/ReflectionServed.ts"

/** Sources of files that were compiled together, as their modules would give them: one more set is one more package. */
const sourcesOf = (files: Readonly<Record<string, string>>): Readonly<Record<string, ProtobufFile.Source>> => {
  const paths = Object.keys(files)
  const program = ProtoFrontEnd.compile(paths, { read: (path) => files[path] })
  if (Result.isFailure(program)) return assert.fail(program.failure[0]!.message)
  const sources: Record<string, ProtobufFile.Source> = {}
  for (const file of program.success.files) {
    const imports = file.imports.map((each) => sources[each.file.path] ?? each.file.path)
    const encoded = Buffer.from(ProtoDescriptor.ofFile(file)).toString("base64")
    if (!file.builtIn) sources[file.path] = () => ProtobufFile.make(file.path, imports, encoded)
  }
  return sources
}

const make = (...sources: ReadonlyArray<ProtobufFile.Source | undefined>) =>
  DescriptorPool.make(
    sources.filter((each) => each !== undefined),
    Library.files
  )

const common = (field: string) => `syntax = "proto3"; package ${field}; message Common { string ${field} = 1; }`

const service = (name: string) => `syntax = "proto3"; package ${name}; import "common.proto";
  service Service { rpc Go(Common) returns (Common); }`

describe("files of one name", () => {
  it("are one where they are equal", () => {
    const [one, other] = [1, 2].map(() => sourcesOf({ "common.proto": common("a"), "a.proto": service("a") }))
    const { files, symbols, warnings } = make(one!["a.proto"], other!["a.proto"], other!["common.proto"])
    assert.deepStrictEqual([...files.keys()], ["common.proto", "a.proto"])
    assert.strictEqual(symbols.get("a.Service.Go")?.file, files.get("a.proto"))
    assert.deepStrictEqual(warnings, [])
  })

  it("are all shown where they differ, the first by its name and others by names of their own", () => {
    const of = (name: string) => sourcesOf({ "common.proto": common(name), "api.proto": service(name) })
    const [a, b, c] = ["a", "b", "c"].map((name) => of(name)["api.proto"])
    const { files, symbols, warnings } = make(a, b, c)
    assert.deepStrictEqual(
      [...files.keys()],
      ["common.proto", "api.proto", "common.2.proto", "api.2.proto", "common.3.proto", "api.3.proto"]
    )
    for (const [name, file] of [
      ["a", "api.proto"],
      ["b", "api.2.proto"],
      ["c", "api.3.proto"]
    ] as const) {
      const found = symbols.get(`${name}.Service`)!.file
      assert.strictEqual(found.name, file)
      assert.strictEqual(found.imports[0], symbols.get(`${name}.Common`)!.file)
      // The bytes say so too.
      const expected = sourcesOf({ [found.imports[0]!.name]: common(name) })[found.imports[0]!.name]!
      assert.deepStrictEqual([...found.imports[0]!.bytes], [...ProtobufFile.toBytes(expected())])
      const text = Buffer.from(found.bytes).toString("latin1")
      assert.include(
        text,
        `${found.name}\x12\x01${name}\x1a${String.fromCharCode(found.imports[0]!.name.length)}common`
      )
    }
    assert.deepStrictEqual(warnings, [
      "there are different files named common.proto; one of them is shown as common.2.proto",
      "there are different files named api.proto; one of them is shown as api.2.proto",
      "there are different files named common.proto; one of them is shown as common.3.proto",
      "there are different files named api.proto; one of them is shown as api.3.proto"
    ])
  })

  it("differ where what they import does", () => {
    const middle = `syntax = "proto3"; package m; import "common.proto"; message Middle {}`
    const of = (name: string) => sourcesOf({ "common.proto": common(name), "middle.proto": middle })["middle.proto"]
    const { files, symbols, warnings } = make(of("a"), of("b"))
    assert.deepStrictEqual([...files.keys()], ["common.proto", "middle.proto", "common.2.proto", "middle.2.proto"])
    assert.strictEqual(symbols.get("m.Middle")?.file.name, "middle.proto")
    assert.include(warnings, "middle.proto and middle.2.proto both declare m.Middle, which is shown of the former")
  })
})

describe("a descriptor pool", () => {
  it("takes files that come with Volant from its library, and says what it lacks", () => {
    const text = `syntax = "proto3"; import "google/protobuf/api.proto"; message M { google.protobuf.Api api = 1; }`
    const { files, warnings } = make(sourcesOf({ "m.proto": text })["m.proto"])
    assert.deepStrictEqual(
      [...files.keys()].sort(),
      ["any", "api", "source_context", "type"].map((name) => `google/protobuf/${name}.proto`).concat("m.proto")
    )
    assert.deepStrictEqual(warnings, [])
    const later = () => ProtobufFile.make("later.proto", ["google/protobuf/not_yet.proto"], "")
    assert.deepStrictEqual(make(later).warnings, [
      "later.proto imports google/protobuf/not_yet.proto, which is not shown"
    ])
  })

  it("ends where files written by hand import each other in a circle", () => {
    const a: ProtobufFile.Source = () => ProtobufFile.make("a.proto", [b], "CgdhLnByb3Rv")
    const b: ProtobufFile.Source = () => ProtobufFile.make("b.proto", [a], "CgdiLnByb3Rv")
    const { files, warnings } = make(a)
    assert.deepStrictEqual([...files.keys()], ["b.proto", "a.proto"])
    assert.deepStrictEqual(warnings, ["b.proto imports a.proto, which is not shown"])
  })

  it("knows every file that comes with Volant", () => {
    const { files, warnings } = make(...Object.values(Library.files))
    assert.deepStrictEqual([...files.keys()].sort(), Object.keys(Library.files).sort())
    assert.deepStrictEqual(warnings, [])
  })

  it("refuses what is no descriptor", () => {
    for (const bytes of [[0x0a, 0x05, 0x61], [0x22, 0x03, 0x0a, 0x7f, 0x61], [0x07]]) {
      assert.throws(() => FileDescriptor.contents(Uint8Array.from(bytes)), /byte|tag|wire type|end/)
    }
  })
})

live(
  "reflection logs what a person should know, once",
  Effect.gen(function* () {
    const warnings: Array<string> = []
    const logger = Logger.make(({ message }) => void warnings.push(String(message)))
    const files = ["a", "b"].map((name) => sourcesOf({ "common.proto": common(name) })["common.proto"]!)
    yield* Effect.gen(function* () {
      const { raw } = yield* start(Reflection.serveWith({ files }), Health.serve)
      for (const version of ["v1", "v1alpha"] as const) {
        const [one, other] = yield* ask(raw, version, byName("common.proto"), byName("common.2.proto"))
        assert.strictEqual(filesOf(one).length + filesOf(other).length, 2)
      }
    }).pipe(Effect.provide(Logger.layer([logger])))
    assert.deepStrictEqual(warnings, [
      "reflection: there are different files named common.proto; one of them is shown as common.2.proto"
    ])
  })
)

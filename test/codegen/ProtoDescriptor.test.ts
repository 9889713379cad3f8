import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "@effect/vitest"
import protobuf from "protobufjs"
import json from "protobufjs/google/protobuf/descriptor.json" with { type: "json" }
import * as ProtoDescriptor from "../../src/codegen/ProtoDescriptor.ts"
import * as Protos from "./Protos.ts"

const type = protobuf.Root.fromJSON(json).lookupType("google.protobuf.FileDescriptorProto")

/** What protobufjs reads in the descriptor of a file. */
const of = (files: Protos.Files | string, options?: ProtoDescriptor.Options) => {
  const decoded = type.decode(ProtoDescriptor.ofFile(Protos.file(files), options))
  return type.toObject(decoded, { enums: String, longs: String, bytes: String })
}

const kitchen = (name: string): string =>
  readFileSync(fileURLToPath(new URL(`../interop/protoc/protos/${name}.proto`, import.meta.url)), "utf8")

// The interop run compares whole descriptors with protoc's.
describe("ProtoDescriptor", () => {
  it("of a field of each form", () => {
    const file = of(kitchen("kitchen3"))
    const [request] = file["messageType"]
    assert.deepStrictEqual(
      request.field.map((field: Record<string, unknown>) => [
        field["name"],
        field["number"],
        field["label"],
        field["type"],
        field["typeName"],
        field["oneofIndex"],
        field["proto3Optional"],
        field["jsonName"]
      ]),
      [
        ["name", 1, "LABEL_OPTIONAL", "TYPE_STRING", undefined, 1, true, "name"],
        ["left", 2, "LABEL_OPTIONAL", "TYPE_STRING", undefined, 0, undefined, "left"],
        ["right", 3, "LABEL_OPTIONAL", "TYPE_MESSAGE", ".volant.kitchen.Request.Nested", 0, undefined, "right"],
        ["choice_count", 4, "LABEL_OPTIONAL", "TYPE_INT32", undefined, 2, true, "choiceCount"],
        [
          "nested_by_name",
          5,
          "LABEL_REPEATED",
          "TYPE_MESSAGE",
          ".volant.kitchen.Request.NestedByNameEntry",
          undefined,
          undefined,
          "nestedByName"
        ],
        [
          "more",
          6,
          "LABEL_REPEATED",
          "TYPE_MESSAGE",
          ".volant.kitchen.Request.MoreEntry",
          undefined,
          undefined,
          "more"
        ],
        ["big", 7, "LABEL_OPTIONAL", "TYPE_INT64", undefined, undefined, undefined, "big"]
      ]
    )
    assert.deepStrictEqual(
      request.oneofDecl.map((oneof: Record<string, unknown>) => oneof["name"]),
      ["choice", "_name", "_choice_count"]
    )
    assert.deepStrictEqual(
      request.nestedType.map((nested: Record<string, unknown>) => [nested["name"], nested["options"]]),
      [
        ["NestedByNameEntry", { mapEntry: true }],
        ["Nested", undefined],
        ["MoreEntry", { mapEntry: true }]
      ]
    )
  })

  it("of a file and its services", () => {
    const file = of(kitchen("kitchen3"))
    assert.strictEqual(file["package"], "volant.kitchen")
    assert.strictEqual(file["syntax"], "proto3")
    assert.deepStrictEqual(file["dependency"], ["volant/errors.proto"])
    const [cook, taste] = file["service"][0].method
    assert.deepStrictEqual([cook.serverStreaming, cook.clientStreaming], [true, undefined])
    assert.deepStrictEqual([taste.serverStreaming, taste.clientStreaming], [undefined, true])
    assert.strictEqual(cook.inputType, ".volant.kitchen.Request")
    assert.strictEqual(of("")["syntax"], undefined)
    assert.strictEqual(of(kitchen("kitchen2023"))["syntax"], "editions")
  })

  it("of defaults, as C writes them", () => {
    const message = of(kitchen("kitchen2")).messageType.find((each: { name: string }) => each.name === "Defaults")
    assert.deepStrictEqual(
      message.field.map((field: Record<string, unknown>) => field["defaultValue"]),
      [
        "-2147483648",
        "18446744073709551615",
        "1.1",
        "1e+38",
        "0.1",
        "9.99988867182683e-321",
        "-inf",
        "nan",
        "true",
        'tab\t "quoted" \u00e9',
        "\\000\\001\\n\\'\\\\\\377?z",
        "BLUE",
        "1.2345678901234568e+17",
        "16777216",
        "1e+21"
      ]
    )
  })

  it("of reserved and extension ranges", () => {
    const [message] = of(`syntax = "proto2"; message M { reserved 1 to 3, 9; reserved "a"; extensions 20 to max; }
      enum E { A = 0; reserved 5 to 6; }`).messageType
    assert.deepStrictEqual(message.reservedRange, [
      { start: 1, end: 4 },
      { start: 9, end: 10 }
    ])
    assert.deepStrictEqual(message.reservedName, ["a"])
    assert.deepStrictEqual(message.extensionRange, [{ start: 20, end: 536870912 }])
  })

  it("of options that are for the source alone, only where they are asked for", () => {
    const bytes = (options: ProtoDescriptor.Options) =>
      Buffer.from(ProtoDescriptor.ofFile(Protos.file(kitchen("kitchen2")), options)).toString("latin1")
    for (const options of [{}, { retainOptions: true }]) {
      assert.strictEqual(bytes(options).split("of the source").length - 1, 2)
    }
    const running = bytes({ retainOptions: false })
    assert.notInclude(running, "of the source")
    assert.include(running, "later")
    const text = `edition = "2024"; option features.enforce_naming_style = STYLE_LEGACY; message M { int32 aB = 1; }`
    assert.isDefined(of(text)["options"])
    assert.strictEqual(of(text, { retainOptions: false })["edition"], of(text)["edition"])
  })
})

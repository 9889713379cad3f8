/** The files that reflection shows: those of `test/grpc/idl/shop`, which have all that a .proto file can. */
import { fileURLToPath } from "node:url"
import {
  create,
  createFileRegistry,
  type FileRegistry,
  fromBinary,
  getExtension,
  hasExtension,
  isMessage,
  type Registry
} from "@bufbuild/protobuf"
import { type FileDescriptorProto, FileDescriptorProtoSchema, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt"
import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import { ItemService, NotFound } from "../../examples/items/gen/item.ts"
import * as NodeFiles from "../../src/codegen/NodeFiles.ts"
import * as ProtoDescriptor from "../../src/codegen/ProtoDescriptor.ts"
import * as ProtoFrontEnd from "../../src/codegen/ProtoFrontEnd.ts"
import * as Contract from "../../src/Contract.ts"
import * as Health from "../../src/grpc/Health.ts"
import * as ProtobufFile from "../../src/grpc/ProtobufFile.ts"
import * as Message from "../../src/grpc/ProtobufMessage.ts"
import * as Reflection from "../../src/grpc/Reflection.ts"
import * as Method from "../../src/Method.ts"
import type { DuplicateRoute, Router } from "../../src/Router.ts"
import { live } from "../fixtures/GrpcServed.ts"
import { ask, byExtension, byName, bySymbol, errorOf, filesOf, start } from "../fixtures/ReflectionServed.ts"
import { file_shop_late, Late } from "./gen/shop/late.ts"
import { file_shop_more } from "./gen/shop/more.ts"
import { file_shop_order, Order, Shop } from "./gen/shop/order.ts"

const idl = fileURLToPath(new URL("idl", import.meta.url))

/** What the compiler makes of the files now, by name; the interop run compares it with protoc's. */
const compiled = (): ReadonlyMap<string, Uint8Array> => {
  const paths = ["order", "more", "late"].map((name) => `${idl}/shop/${name}.proto`)
  const program = ProtoFrontEnd.compile(paths, { ...NodeFiles.files, includeRoots: [idl] })
  if (Result.isFailure(program)) return assert.fail(program.failure[0]!.message)
  return new Map(
    program.success.files.map((file) => [file.path, ProtoDescriptor.ofFile(file, { retainOptions: false })])
  )
}

class Hand extends Contract.Service<Hand>()("hand.Made", {
  go: Method.unary<Late, Late>({
    name: "Go",
    contract: "hand.Made",
    codec: Message.method("/hand.Made/Go", Late, Late)
  })
}) {}

const shop: Layer.Layer<never, DuplicateRoute, Router> = Shop.serve({
  getOrder: Effect.succeed,
  watch: () => Stream.make(Order.make())
})
const more = { files: [file_shop_more, file_shop_late] }
// A router may have contracts of Thrift beside: they cannot be called here, and are not shown.
const items = ItemService.serve({ getItem: ({ req }) => Effect.fail(new NotFound({ id: req.id })) })
const running = start(Hand.serve({ go: Effect.succeed }), items, shop, Reflection.serveWith(more), Health.serve)

const nameOf = (bytes: Uint8Array): string => fromBinary(FileDescriptorProtoSchema, bytes).name

const serviceFiles = [
  "shop/order.proto",
  "google/protobuf/timestamp.proto",
  "shop/options.proto",
  "shop/public.proto",
  "volant/errors.proto",
  "google/protobuf/descriptor.proto",
  "shop/base.proto"
]

live(
  "a file, with all that it imports, byte for byte, and none twice in one stream",
  Effect.gen(function* () {
    const { raw } = yield* running
    const expected = compiled()
    for (const version of ["v1", "v1alpha"] as const) {
      const [order, base, added, again] = yield* ask(
        raw,
        version,
        byName("shop/order.proto"),
        byName("shop/base.proto"),
        byName("shop/more.proto"),
        byName("shop/order.proto")
      )
      assert.deepStrictEqual(filesOf(order).map(nameOf), serviceFiles)
      for (const bytes of filesOf(order)) assert.deepStrictEqual([...bytes], [...expected.get(nameOf(bytes))!])
      // The file that is asked for is given again; what it imports is not.
      assert.deepStrictEqual(filesOf(base).map(nameOf), ["shop/base.proto"])
      assert.deepStrictEqual(filesOf(added).map(nameOf), ["shop/more.proto"])
      assert.deepStrictEqual(filesOf(again).map(nameOf), ["shop/order.proto"])
      const [alone] = yield* ask(raw, version, byName("shop/more.proto"))
      assert.deepStrictEqual(filesOf(alone).map(nameOf), [
        "shop/more.proto",
        "shop/public.proto",
        "shop/base.proto",
        "shop/options.proto",
        "google/protobuf/descriptor.proto"
      ])
    }
  })
)

live(
  "symbols of every kind, by their full names",
  Effect.gen(function* () {
    const { raw } = yield* running
    const symbols: ReadonlyArray<readonly [file: string, ...ReadonlyArray<string>]> = [
      ["shop/order.proto", "shop.Shop", "shop.Shop.Watch", "shop.Order", "shop.Order.Card.Owner"],
      ["shop/order.proto", "shop.Order.payment_method", "shop.Order.by_voucher", "shop.Order.Card.Owner.name"],
      ["shop/order.proto", "shop.Order.State", "shop.Order.STATE_PAID", "shop.Order.BasesByNameEntry"],
      ["shop/base.proto", "shop.Colour", "shop.CRIMSON", "shop.title", "shop.Base.Part", "shop.Base.part"],
      ["shop/options.proto", "shop.options.file_note", "shop.options.Note.flags"],
      ["shop/more.proto", "shop.more.Scope.ratings"],
      ["shop/late.proto", "shop.late.Late.REASON_TRAFFIC"],
      ["volant/errors.proto", "volant.errors", "volant.NOT_FOUND"],
      ["google/protobuf/timestamp.proto", "google.protobuf.Timestamp.nanos"],
      ["grpc/health/v1/health.proto", "grpc.health.v1.Health.Watch"],
      ["grpc/reflection/v1/reflection.proto", "grpc.reflection.v1.ServerReflection"],
      ["grpc/reflection/v1alpha/reflection.proto", "grpc.reflection.v1alpha.ServerReflection.ServerReflectionInfo"]
    ]
    const asked = symbols.flatMap(([file, ...names]) => names.map((name) => [file, name] as const))
    const answers = yield* ask(raw, "v1", ...asked.map(([, name]) => bySymbol(name)))
    asked.forEach(([file, name], i) => assert.strictEqual(nameOf(filesOf(answers[i])[0]!), file, name))
  })
)

live(
  "what is not there is NOT_FOUND, and said to be so",
  Effect.gen(function* () {
    const { raw } = yield* running
    const absent = ["shop", "shop.State", "shop.Order.State.STATE_PAID", ".shop.Shop", "Shop", ""]
    const answers = yield* ask(
      raw,
      "v1",
      ...absent.map(bySymbol),
      byName("order.proto"),
      byExtension("shop.Base", 101),
      byExtension("shop.Order", 100),
      { _tag: "allExtensionNumbersOfType", value: "shop.Nothing" },
      { _tag: "allExtensionNumbersOfType", value: "shop.Shop" },
      bySymbol("hand.Made.Go")
    )
    assert.strictEqual(answers.length, absent.length + 6)
    for (const each of answers) assert.strictEqual(errorOf(each)[0], 5)
    assert.include(errorOf(answers[1])[1], '"shop.State" is not known')
    assert.include(errorOf(answers.at(-1))[1], "without descriptors")
  })
)

live(
  "extensions: who declares one, and the numbers of all",
  Effect.gen(function* () {
    const { raw } = yield* running
    const [title, scope, message, numbers, none, fields] = yield* ask(
      raw,
      "v1",
      byExtension("shop.Base", 100),
      byExtension("shop.Base", 1000),
      byExtension("google.protobuf.MessageOptions", 58602),
      { _tag: "allExtensionNumbersOfType", value: "shop.Base" },
      { _tag: "allExtensionNumbersOfType", value: "shop.Order" },
      { _tag: "allExtensionNumbersOfType", value: "google.protobuf.FieldOptions" }
    )
    assert.strictEqual(nameOf(filesOf(title)[0]!), "shop/base.proto")
    assert.strictEqual(nameOf(filesOf(scope)[0]!), "shop/more.proto")
    assert.strictEqual(nameOf(filesOf(message)[0]!), "volant/errors.proto")
    const told = [numbers, none, fields].map((each) => each?.messageResponse)
    assert.deepStrictEqual(told, [
      {
        _tag: "allExtensionNumbersResponse",
        value: { baseTypeName: "shop.Base", extensionNumber: [100, 150, 1000] }
      },
      { _tag: "allExtensionNumbersResponse", value: { baseTypeName: "shop.Order", extensionNumber: [] } },
      {
        _tag: "allExtensionNumbersResponse",
        value: { baseTypeName: "google.protobuf.FieldOptions", extensionNumber: [50001, 50002] }
      }
    ])
  })
)

live(
  "all services are listed, also those that nothing else is known of",
  Effect.gen(function* () {
    const { raw } = yield* running
    const [listed] = yield* ask(raw, "v1", { _tag: "listServices", value: "" })
    assert.deepStrictEqual(listed?.messageResponse, {
      _tag: "listServicesResponse",
      value: {
        service: [
          "grpc.health.v1.Health",
          "grpc.reflection.v1.ServerReflection",
          "grpc.reflection.v1alpha.ServerReflection",
          "hand.Made",
          "shop.Shop"
        ].map((name) => ({ name }))
      }
    })
  })
)

/** Types as protobuf-es builds them from what a stream of questions gave; it wants imports first. */
const registryOf = (answers: ReadonlyArray<Uint8Array>, root: string): FileRegistry => {
  const files = new Map(
    answers.map((bytes) => {
      const file = fromBinary(FileDescriptorProtoSchema, bytes)
      return [file.name, file]
    })
  )
  const sorted = new Set<FileDescriptorProto>()
  const add = (name: string): void => {
    const file = files.get(name) ?? assert.fail(`${name} was not given`)
    file.dependency.forEach(add)
    sorted.add(file)
  }
  add(root)
  return createFileRegistry(create(FileDescriptorSetSchema, { file: [...sorted] }))
}

/** The value of a custom option, as plain data. */
const optionOf = (
  registry: Registry,
  options: Parameters<typeof hasExtension>[0] | undefined,
  name: string
): unknown => {
  const extension = registry.getExtension(name)
  if (extension === undefined) return assert.fail(`no extension ${name}`)
  if (options === undefined || !hasExtension(options, extension)) return undefined
  const value: unknown = getExtension(options, extension)
  return isMessage(value) ? Reflect.get(value, "text") : value
}

live(
  "protobuf-es builds the types, with their own names and options",
  Effect.gen(function* () {
    const { raw } = yield* running
    const answers = yield* ask(raw, "v1", bySymbol("shop.Shop"), byExtension("shop.Base", 150))
    const bytes = answers.flatMap(filesOf)
    const registry = registryOf(bytes, "shop/order.proto")
    const order = registry.getMessage("shop.Order")!
    assert.deepStrictEqual(
      order.oneofs.map(({ name }) => name),
      ["payment_method", "Delivery_Way"]
    )
    const field = (name: string) => order.fields.find((each) => each.name === name)!
    assert.strictEqual(field("id").jsonName, "orderId")
    assert.strictEqual(field("delimited_base").toString(), "field shop.Order.delimited_base")
    assert.strictEqual(Reflect.get(field("delimited_base"), "delimitedEncoding"), true)
    assert.deepStrictEqual(
      [field("id"), field("state")].map(({ presence }) => presence),
      [2, 1]
    )
    const option = (options: Parameters<typeof hasExtension>[0] | undefined, name: string) =>
      optionOf(registry, options, `shop.options.${name}`)
    assert.strictEqual(option(field("by_voucher").proto.options, "field_note"), "a voucher")
    assert.strictEqual(option(order.oneofs[0]!.proto.options, "oneof_note"), "how it is paid")
    assert.strictEqual(option(registry.getFile("shop/base.proto")?.proto.options, "file_note"), "base")
    const colour = registry.getEnum("shop.Colour")!
    assert.strictEqual(option(colour.proto.options, "enum_mark"), 2n ** 64n - 1n)
    assert.deepStrictEqual(option(colour.values[0]!.proto.options, "raw"), Uint8Array.of(0, 255))
    const base = registry.getMessage("shop.Base")!
    assert.strictEqual(option(base.proto.options, "table"), "bases")
    assert.deepStrictEqual(option(base.fields[1]!.proto.options, "labels"), ["a", "b"])
    assert.strictEqual(base.fields[1]!.proto.defaultValue, 'no "name"')
    const service = registry.getService("shop.Shop")!
    assert.strictEqual(option(service.proto.options, "weight"), 1.5)
    assert.strictEqual(option(service.methods[0]!.proto.options, "method_note"), "reads")
    assert.deepStrictEqual(optionOf(registry, service.methods[0]!.proto.options, "volant.errors"), ["NoOrder"])
    assert.strictEqual(service.methods[1]!.methodKind, "bidi_streaming")
    const extensions = registryOf(bytes, "shop/more.proto")
    assert.strictEqual(extensions.getExtension("shop.more.Scope.scope")?.extendee.typeName, "shop.Base")
  })
)

live(
  "options of a file that only options come from",
  Effect.gen(function* () {
    const { raw } = yield* running
    const [answer] = yield* ask(raw, "v1", byName("shop/late.proto"))
    assert.deepStrictEqual(filesOf(answer).map(nameOf), [
      "shop/late.proto",
      "shop/options.proto",
      "google/protobuf/descriptor.proto"
    ])
    const [late] = filesOf(answer).map((bytes) => fromBinary(FileDescriptorProtoSchema, bytes))
    const registry = registryOf(filesOf(answer), "shop/options.proto")
    assert.strictEqual(optionOf(registry, late!.messageType[0]!.options, "shop.options.table"), "late")
    assert.deepStrictEqual(Reflect.get(late!, "optionDependency"), ["shop/options.proto"])
  })
)

live(
  "a generated module gives the bytes of its file",
  Effect.sync(() => {
    const bytes = ProtobufFile.toBytes(file_shop_order())
    assert.deepStrictEqual([...bytes], [...compiled().get("shop/order.proto")!])
  })
)

import { assert } from "@effect/vitest"
import * as Grpc from "@grpc/grpc-js"
import * as Loader from "@grpc/proto-loader"
import * as Effect from "effect/Effect"
import * as Health from "../../src/grpc/Health.ts"
import * as Protobuf from "../../src/grpc/Protobuf.ts"
import * as Reflection from "../../src/grpc/Reflection.ts"
import { Writer } from "../../src/wire/Writer.ts"
import { live, promise } from "../fixtures/GrpcServed.ts"
import { ask, bySymbol, start } from "../fixtures/ReflectionServed.ts"

/** A FileDescriptorSet, as protobuf's own tools read it. */
const setOf = (files: Iterable<Uint8Array>): Buffer => {
  const writer = new Writer(1024)
  for (const file of files) Protobuf.writeBinaryField(writer, 0x0a, file)
  return writer.toBytes()
}

live(
  "services, symbols and files; grpc-js calls by what it was told",
  Effect.gen(function* () {
    const { port, raw } = yield* start(Health.serve, Reflection.serve)
    for (const version of ["v1", "v1alpha"] as const) {
      const [listed, file, again, missing, nothing] = yield* ask(
        raw,
        version,
        { _tag: "listServices", value: "*" },
        bySymbol("grpc.health.v1.Health.Check"),
        { _tag: "fileByFilename", value: "grpc/health/v1/health.proto" },
        bySymbol("no.Such"),
        undefined
      )
      const services = listed!.messageResponse!
      assert.strictEqual(services._tag, "listServicesResponse")
      if (services._tag === "listServicesResponse") {
        assert.deepStrictEqual(services.value.service.map(({ name }) => name).sort(), [
          "grpc.health.v1.Health",
          "grpc.reflection.v1.ServerReflection",
          "grpc.reflection.v1alpha.ServerReflection"
        ])
      }
      assert.strictEqual(file!.originalRequest?.messageRequest?._tag, "fileContainingSymbol")
      assert.deepStrictEqual(file!.messageResponse, again!.messageResponse)
      assert.strictEqual(missing!.messageResponse?._tag, "errorResponse")
      assert.strictEqual(nothing!.messageResponse?._tag, "errorResponse")
      const found = file!.messageResponse!
      if (found._tag !== "fileDescriptorResponse") return assert.fail(found._tag)
      const definition = Loader.loadFileDescriptorSetFromBuffer(setOf(found.value.fileDescriptorProto), {
        enums: String
      })
      const service = definition["grpc.health.v1.Health"] as Grpc.ServiceDefinition
      const Client = Grpc.makeGenericClientConstructor(service, "Health")
      const client = new Client(`127.0.0.1:${port}`, Grpc.credentials.createInsecure())
      const reply = yield* promise(
        () =>
          new Promise<unknown>((resolve) =>
            client["check"]!({ service: "" }, (_: unknown, reply: unknown) => resolve(reply))
          )
      )
      const list = yield* promise(
        () => new Promise<any>((resolve) => client["list"]!({}, (_: unknown, reply: unknown) => resolve(reply)))
      )
      client.close()
      assert.deepStrictEqual(reply, { status: "SERVING" })
      // protobufjs takes a map from a descriptor for the list of entries that it is on the wire.
      const entries: ReadonlyArray<{ key: string; value: unknown }> = list.statuses
      const entry = entries.find(({ key }) => key === "grpc.health.v1.Health")
      assert.deepStrictEqual(entry?.value, { status: "SERVING" })
    }
  })
)

live(
  "two hundred questions in one stream",
  Effect.gen(function* () {
    const { raw } = yield* start(Health.serve, Reflection.serve)
    const count = 200
    const answers = yield* ask(
      raw,
      "v1",
      ...Array.from({ length: count }, () => ({ _tag: "listServices", value: "" }) as const)
    )
    assert.strictEqual(answers.length, count)
  })
)

import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as References from "effect/References"
import { formatAddress } from "../../../src/discovery/Instance.ts"
import * as Timeout from "../../../src/resilience/Timeout.ts"
import * as Router from "../../../src/Router.ts"
import * as ThriftServer from "../../../src/thrift/ThriftServer.ts"
import { Listener } from "../../../src/transport/Listener.ts"
import * as Client from "../Client.ts"
import * as Checks from "./Checks.ts"
import { ThriftTest, Xception } from "./gen/ThriftTest.ts"
import { handlers } from "./Handlers.ts"

const { bits } = Checks

/** The exit code against a server some of whose answers are wrong. */
const codeOf = (wrong: Partial<typeof handlers>) =>
  Effect.gen(function* () {
    const { address } = yield* Listener
    const endpoint = Client.layer(formatAddress(address), {})
    return yield* Effect.provide(
      Effect.flatMap(ThriftTest, (client) => Checks.run(Checks.all(client))),
      ThriftTest.client.pipe(Layer.provide(Timeout.layer("200 millis")), Layer.provide(endpoint))
    )
  }).pipe(
    Effect.map(({ code }) => code),
    Effect.provide(
      ThriftServer.layer({ host: "127.0.0.1", port: 0, drainTimeout: 0 }).pipe(
        Layer.provide(Router.layer(ThriftTest.serve({ ...handlers, ...wrong }))),
        Layer.provide(Layer.succeed(References.MinimumLogLevel, "None"))
      )
    )
  )

describe("the exit code of thrift-test-client", () => {
  it.live("is 0 when all is right, and else tells what is not", () =>
    Effect.gen(function* () {
      const one = () => Effect.succeed(1)
      assert.strictEqual(yield* codeOf({}), 0)
      assert.strictEqual(yield* codeOf({ testI32: one }), bits.base | bits.unknown)
      assert.strictEqual(yield* codeOf({ testVoid: () => Effect.never }), bits.timeout)
      assert.strictEqual(yield* codeOf({ testString: () => Effect.succeed("") }), bits.base)
      assert.strictEqual(yield* codeOf({ testStruct: () => Effect.succeed({}) }), bits.structs)
      assert.strictEqual(yield* codeOf({ testInsanity: () => Effect.succeed(new Map()) }), bits.structs)
      assert.strictEqual(yield* codeOf({ testMap: () => Effect.succeed(new Map()) }), bits.containers)
      assert.strictEqual(yield* codeOf({ testException: () => Effect.void }), bits.exceptions)
      const other = () => Effect.fail(new Xception({ errorCode: 1, message: "" }))
      assert.strictEqual(yield* codeOf({ testMultiException: other }), bits.exceptions)
      const both = { testList: () => Effect.succeed([7]), testNest: () => Effect.succeed({}) }
      assert.strictEqual(yield* codeOf(both), bits.containers | bits.structs)
    })
  )
})

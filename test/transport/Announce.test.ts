import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import type * as Instance from "../../src/discovery/Instance.ts"
import * as Memory from "../../src/discovery/Memory.ts"
import { Registry } from "../../src/discovery/Registry.ts"
import * as Announce from "../../src/transport/Announce.ts"
import { Listener } from "../../src/transport/Listener.ts"

const bound: Instance.Address = { _tag: "Tcp", host: "127.0.0.1", port: 4711 }

const instancesOf = (memory: Memory.Memory, target: string) =>
  Effect.map(
    Stream.runCollect(Stream.take(memory.resolver.watch(target), 1)),
    ([snapshot]) => snapshot?.instances ?? []
  )

/** A server that tells when it stops to accept. */
const server = (address: Instance.Address, log: Array<string>) =>
  Layer.effect(
    Listener,
    Effect.acquireRelease(
      Effect.sync(() => ({ address, connections: () => 0, inFlight: () => 0 })),
      () => Effect.sync(() => log.push("stopped accepting"))
    )
  )

describe("Announce", () => {
  it.effect("announces the bound address with weight and tags", () =>
    Effect.gen(function* () {
      const memory = yield* Memory.make()
      yield* Layer.build(
        Announce.layer("items", { weight: 3, tags: { zone: "a" } }).pipe(
          Layer.provide([server(bound, []), Layer.succeed(Registry, memory.registry)])
        )
      )
      const [instance, ...others] = yield* instancesOf(memory, "items")
      assert.deepStrictEqual(others, [])
      assert.strictEqual(instance?.key, "127.0.0.1:4711")
      assert.strictEqual(instance?.weight, 3)
      assert.strictEqual(instance?.tags.get("zone"), "a")
    })
  )

  it.effect("on release it leaves the registry, waits for propagation, and only then does the server stop", () =>
    Effect.gen(function* () {
      const memory = yield* Memory.make()
      const log: Array<string> = []
      const scope = yield* Scope.make()
      yield* Layer.buildWithScope(
        Announce.layer("items", { propagation: "2 seconds" }).pipe(
          Layer.provide([server(bound, log), Layer.succeed(Registry, memory.registry)])
        ),
        scope
      )
      const closing = yield* Effect.forkChild(Scope.close(scope, Exit.void), { startImmediately: true })
      yield* TestClock.adjust("1999 millis")
      assert.deepStrictEqual(yield* instancesOf(memory, "items"), [])
      assert.deepStrictEqual(log, [])
      yield* TestClock.adjust("1 millis")
      yield* Fiber.join(closing)
      assert.deepStrictEqual(log, ["stopped accepting"])
    })
  )

  it.effect("a server on all interfaces announces an address that can be dialled", () =>
    Effect.gen(function* () {
      const memory = yield* Memory.make()
      yield* Layer.build(
        Announce.layer("items").pipe(
          Layer.provide([server({ ...bound, host: "0.0.0.0" }, []), Layer.succeed(Registry, memory.registry)])
        )
      )
      const [instance] = yield* instancesOf(memory, "items")
      assert.match(instance?.key ?? "", /^(?!0\.0\.0\.0)\d+\.\d+\.\d+\.\d+:4711$/)
    })
  )

  it.effect("announces another address where one is given, and refuses what is none", () =>
    Effect.gen(function* () {
      const memory = yield* Memory.make()
      const announce = (address: string) =>
        Layer.build(
          Announce.layer("items", { address }).pipe(
            Layer.provide([server(bound, []), Layer.succeed(Registry, memory.registry)])
          )
        )
      yield* announce("proxy.example:80")
      const [instance] = yield* instancesOf(memory, "items")
      assert.strictEqual(instance?.key, "proxy.example:80")
      const error = yield* Effect.flip(announce("proxy"))
      assert.match(error.message, /cannot announce proxy as "items": this is no address/)
    })
  )
})

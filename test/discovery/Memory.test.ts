import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Queue from "effect/Queue"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import * as Instance from "../../src/discovery/Instance.ts"
import * as Memory from "../../src/discovery/Memory.ts"
import { Registry } from "../../src/discovery/Registry.ts"
import { Resolver, type Snapshot } from "../../src/discovery/Resolver.ts"

const at = (port: number, weight?: number) => Instance.make({ _tag: "Tcp", host: "127.0.0.1", port }, { weight })

const ports = (snapshot: Snapshot) => snapshot.instances.map((instance) => instance.key.split(":")[1]).join(" ")

/** What a watcher sees, one by one. */
const watching = (memory: Memory.Memory, target: string) =>
  Effect.gen(function* () {
    const seen = yield* Queue.unbounded<Snapshot>()
    const fiber = yield* Effect.forkScoped(
      Stream.runForEach(memory.resolver.watch(target), (snapshot) => Queue.offer(seen, snapshot)),
      { startImmediately: true }
    )
    return { next: Queue.take(seen), pending: Queue.size(seen), fiber }
  })

describe("Memory", () => {
  it.effect("a watch starts with what there is and sees every announcement come and go", () =>
    Effect.gen(function* () {
      const memory = yield* Memory.make()
      const first = yield* watching(memory, "items")
      assert.deepStrictEqual(yield* first.next, { revision: 0, instances: [] })

      const scope = yield* Scope.make()
      yield* Scope.provide(memory.registry.announce("items", at(1)), scope)
      assert.strictEqual(ports(yield* first.next), "1")
      yield* memory.registry.announce("items", at(2))
      const both = yield* first.next
      assert.strictEqual(ports(both), "1 2")

      const late = yield* watching(memory, "items")
      assert.deepStrictEqual(yield* late.next, both)

      yield* Scope.close(scope, Exit.void)
      const left = yield* first.next
      assert.strictEqual(ports(left), "2")
      assert.isAbove(left.revision, both.revision)
      assert.deepStrictEqual(yield* late.next, left)
    })
  )

  it.effect("targets do not mix", () =>
    Effect.gen(function* () {
      const memory = yield* Memory.make()
      yield* memory.registry.announce("items", at(1))
      const orders = yield* watching(memory, "orders")
      assert.strictEqual(ports(yield* orders.next), "")
      yield* memory.registry.announce("items", at(2))
      yield* memory.registry.announce("orders", at(3))
      assert.strictEqual(ports(yield* orders.next), "3")
    })
  )

  it.effect("an announcement lives on by renewal", () =>
    Effect.gen(function* () {
      const memory = yield* Memory.make({ ttl: "10 seconds" })
      yield* memory.registry.announce("items", at(1))
      const watch = yield* watching(memory, "items")
      const before = yield* watch.next
      for (let hour = 0; hour < 60; hour++) yield* TestClock.adjust("7 seconds")
      assert.strictEqual(yield* watch.pending, 0)
      assert.strictEqual(ports(before), "1")
    })
  )

  it.effect("an instance that falls silent is gone a time to live after its last renewal, and not before", () =>
    Effect.gen(function* () {
      const memory = yield* Memory.make({ ttl: "9 seconds" })
      yield* memory.registry.announce("items", at(1))
      yield* memory.registry.announce("items", at(2))
      const watch = yield* watching(memory, "items")
      assert.strictEqual(ports(yield* watch.next), "1 2")
      yield* TestClock.adjust("3 seconds")
      yield* memory.silence("127.0.0.1:1")
      yield* TestClock.adjust("8999 millis")
      assert.strictEqual(yield* watch.pending, 0)
      yield* TestClock.adjust("1 millis")
      assert.strictEqual(ports(yield* watch.next), "2")
    })
  )

  it.effect("announcing an instance again replaces it, and the end of the first announcement leaves the second", () =>
    Effect.gen(function* () {
      const memory = yield* Memory.make()
      const scope = yield* Scope.make()
      yield* Scope.provide(memory.registry.announce("items", at(1, 5)), scope)
      yield* memory.registry.announce("items", at(1, 7))
      yield* Scope.close(scope, Exit.void)
      const { instances } = yield* (yield* watching(memory, "items")).next
      assert.deepStrictEqual(
        instances.map((instance) => instance.weight),
        [7]
      )
    })
  )

  it.effect("a slow watcher misses what lies between, never the last snapshot", () =>
    Effect.gen(function* () {
      const memory = yield* Memory.make()
      const seen: Array<string> = []
      const entered = yield* Queue.unbounded<void>()
      const go = yield* Queue.unbounded<void>()
      const fiber = yield* memory.resolver.watch("items").pipe(
        Stream.runForEach((snapshot) => {
          seen.push(ports(snapshot))
          return Effect.andThen(Queue.offer(entered, undefined), Queue.take(go))
        }),
        Effect.forkScoped({ startImmediately: true })
      )
      yield* Queue.take(entered)
      for (const port of [1, 2, 3]) yield* memory.registry.announce("items", at(port))
      yield* Queue.offer(go, undefined)
      yield* Queue.take(entered)
      assert.deepStrictEqual(seen, ["", "1 2 3"])
      yield* Fiber.interrupt(fiber)
    })
  )

  it.effect("failing watches end with the error; new ones carry on from the current snapshot", () =>
    Effect.gen(function* () {
      const memory = yield* Memory.make()
      yield* memory.registry.announce("items", at(1))
      const watch = yield* watching(memory, "items")
      yield* watch.next
      yield* memory.failWatches("the registry restarts")
      const error = yield* Effect.flip(Fiber.join(watch.fiber))
      assert.strictEqual(error.message, 'cannot resolve "items": the registry restarts')
      const again = yield* watching(memory, "items")
      assert.strictEqual(ports(yield* again.next), "1")
    })
  )

  it.effect("the layer gives both sides of one registry", () =>
    Effect.gen(function* () {
      yield* (yield* Registry).announce("items", at(1))
      const [snapshot] = yield* Stream.runCollect(Stream.take((yield* Resolver).watch("items"), 1))
      assert.strictEqual(snapshot === undefined ? "" : ports(snapshot), "1")
    }).pipe(Effect.provide(Memory.layer()))
  )
})

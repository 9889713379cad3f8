/** Servers that are replaced under load: GOAWAY, drain, and a client that waits for the next one. */
import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as Instance from "../../src/discovery/Instance.ts"
import { connect } from "../fixtures/GrpcConnected.ts"
import { portOf, serve } from "../fixtures/GrpcServed.ts"
import { live, settled } from "../fixtures/ServedProbe.ts"

live(
  "a server that is replaced five times under load loses no call, of no kind, without any retry",
  Effect.gen(function* () {
    let served = 0
    const handlers = {
      ask: ({ text }: { readonly text: string }) =>
        Effect.sync(() => {
          served++
          return text
        }).pipe(Effect.delay("2 millis"))
    }
    const start = (port: number) =>
      Effect.gen(function* () {
        const scope = yield* Scope.make()
        const listener = yield* serve(handlers, { port, drainTimeout: "30 seconds" }).pipe(Scope.provide(scope))
        return { listener, stop: Scope.close(scope, Exit.void) }
      })
    let server = yield* start(0)
    const port = portOf(server.listener)
    const { client, link } = yield* connect(Instance.formatAddress(server.listener.address), {
      waitForReady: true,
      reconnect: { initial: "5 millis", max: "20 millis" }
    })
    const phase = { isOver: false }
    let calls = 0
    const asking = (n: number) =>
      Effect.gen(function* () {
        for (let i = 0; !phase.isOver; i++) {
          const text = `${n} ${i}`
          assert.strictEqual(yield* client.ask({ text }), text)
          calls++
        }
      })
    const streaming = Effect.gen(function* () {
      while (!phase.isOver) {
        const requests = Stream.map(Stream.rechunk(Stream.range(1, 5), 1), (i) => ({ text: `${i}` }))
        assert.deepStrictEqual(yield* Stream.runCollect(client.chat(requests)), ["1", "2", "3", "4", "5"])
        assert.strictEqual(yield* client.join(requests), "1,2,3,4,5")
        assert.deepStrictEqual(yield* Stream.runCollect(client.list({ text: "a,b" })), ["a", "b"])
        calls++
      }
    })
    const load = yield* Effect.forkChild(
      Effect.all([...Array.from({ length: 32 }, (_, n) => asking(n)), streaming, streaming, streaming], {
        concurrency: "unbounded",
        discard: true
      }),
      { startImmediately: true }
    )
    for (let round = 0; round < 5; round++) {
      const before = calls
      yield* settled(() => calls > before + 300 || load.pollUnsafe() !== undefined)
      yield* server.stop
      server = yield* start(port)
    }
    phase.isOver = true
    yield* Fiber.join(load)
    yield* server.stop
    assert.isAbove(calls, 1500)
    assert.isAbove(served, 0)
    assert.strictEqual(link.inFlight(), 0)
  })
)

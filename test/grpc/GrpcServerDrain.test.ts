import { assert } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { TestClock } from "effect/testing"
import { ask, connect, status } from "../fixtures/GrpcRaw.ts"
import { portOf, promise, serve, settled, timed } from "../fixtures/GrpcServed.ts"

const path = "/test.Probe/ask"

const within = (scope: Scope.Scope) => Effect.provideService(Scope.Scope, scope)

timed(
  "a server that ends takes no further calls, and finishes those that run",
  Effect.gen(function* () {
    const gate = yield* Deferred.make<void>()
    const scope = yield* Scope.make()
    const listener = yield* serve(
      {
        ask: ({ text }) => Effect.as(Deferred.await(gate), text),
        list: () => Stream.concat(Stream.make("a"), Stream.fromEffect(Effect.as(Deferred.await(gate), "b")))
      },
      { drainTimeout: "5 seconds" }
    ).pipe(within(scope))
    const raw = yield* connect(`http://127.0.0.1:${portOf(listener)}`)
    const idle = yield* connect(`http://127.0.0.1:${portOf(listener)}`)
    yield* promise(() => new Promise<void>((resolve) => idle.session.once("remoteSettings", () => resolve())))
    const answers = [raw.call(path, ask("x")), raw.call(path, ask("y")), raw.call("/test.Probe/list", ask("z"))]
    yield* settled(() => listener.inFlight() === 3)
    const ending = yield* Effect.forkChild(Scope.close(scope, Exit.void), { startImmediately: true })
    yield* settled(() => raw.goAway !== undefined && idle.isClosed)
    assert.strictEqual(raw.goAway?.code, 0)
    assert.strictEqual(listener.inFlight(), 3)
    yield* Deferred.succeed(gate, undefined)
    for (const answer of answers) assert.strictEqual(status(yield* promise(() => answer)), 0)
    yield* Fiber.join(ending)
    assert.strictEqual(listener.connections(), 0)
  })
)

timed(
  "calls that do not end in time are told UNAVAILABLE, and interrupted",
  Effect.gen(function* () {
    let interrupted = 0
    const forever = Effect.onInterrupt(Effect.never, () => Effect.sync(() => interrupted++))
    const scope = yield* Scope.make()
    const listener = yield* serve(
      { ask: () => forever, list: () => Stream.concat(Stream.make("a"), Stream.fromEffect(forever)) },
      { drainTimeout: "30 millis" }
    ).pipe(within(scope))
    const raw = yield* connect(`http://127.0.0.1:${portOf(listener)}`)
    const answers = [raw.call(path, ask("x")), raw.call("/test.Probe/list", ask("y"))]
    yield* settled(() => listener.inFlight() === 2)
    const ending = yield* Effect.forkChild(Scope.close(scope, Exit.void), { startImmediately: true })
    yield* settled(() => raw.goAway !== undefined)
    yield* TestClock.adjust("29 millis")
    assert.deepStrictEqual([interrupted, listener.inFlight()], [0, 2])
    yield* TestClock.adjust("1 millis")
    for (const answer of answers) assert.strictEqual(status(yield* promise(() => answer)), 14)
    yield* Fiber.join(ending)
    assert.deepStrictEqual([interrupted, listener.inFlight(), listener.connections()], [2, 0, 0])
  })
)

timed(
  "no call of a thousand is lost when the server ends in their midst",
  Effect.gen(function* () {
    const gate = yield* Deferred.make<void>()
    const scope = yield* Scope.make()
    const listener = yield* serve({ ask: ({ text }) => Effect.as(Deferred.await(gate), text) }).pipe(within(scope))
    const raw = yield* connect(`http://127.0.0.1:${portOf(listener)}`)
    const answers = Array.from({ length: 1000 }, (_, i) => raw.call(path, ask(`${i}`)))
    yield* settled(() => listener.inFlight() > 0)
    const ending = yield* Effect.forkChild(Scope.close(scope, Exit.void), { startImmediately: true })
    yield* settled(() => raw.goAway !== undefined)
    yield* Deferred.succeed(gate, undefined)
    yield* Fiber.join(ending)
    const codes = (yield* promise(() => Promise.all(answers))).map((answer) => status(answer) ?? answer.resetCode)
    assert.strictEqual(codes.filter((code) => code === 0).length, 1000)
  })
)

timed(
  "a connection that is old takes no further calls; its grace ends those that run",
  Effect.gen(function* () {
    const { connections, ...listener } = yield* serve(
      { ask: () => Effect.never },
      { maxConnectionAge: "50 millis", maxConnectionAgeGrace: "50 millis" }
    )
    const raw = yield* connect(`http://127.0.0.1:${portOf({ connections, ...listener })}`)
    const running = raw.call(path, ask("x"))
    yield* settled(() => listener.inFlight() === 1)
    yield* TestClock.adjust("44 millis")
    yield* promise(() => raw.sync())
    assert.strictEqual(raw.goAway, undefined)
    // Give or take a tenth.
    yield* TestClock.adjust("16 millis")
    yield* settled(() => raw.goAway !== undefined)
    assert.strictEqual(listener.inFlight(), 1)
    yield* TestClock.adjust("50 millis")
    const answer = yield* promise(() => running)
    assert.strictEqual(status(answer), undefined)
    yield* settled(() => listener.inFlight() === 0 && connections() === 0)
    assert.strictEqual(raw.goAway?.code, 0)
  })
)

timed(
  "a connection without calls is closed",
  Effect.gen(function* () {
    const listener = yield* serve({}, { maxConnectionIdle: "30 millis" })
    const raw = yield* connect(`http://127.0.0.1:${portOf(listener)}`)
    assert.strictEqual(status(yield* promise(() => raw.call(path, ask("x")))), 0)
    yield* TestClock.adjust("29 millis")
    assert.strictEqual(listener.connections(), 1)
    yield* TestClock.adjust("40 millis")
    yield* settled(() => raw.isClosed && listener.connections() === 0)
  })
)

timed(
  "a peer that pings too often is cut off",
  Effect.gen(function* () {
    const listener = yield* serve({}, { keepAlive: { minInterval: "1 minute" } })
    const raw = yield* connect(`http://127.0.0.1:${portOf(listener)}`)
    yield* promise(() => new Promise<void>((resolve) => raw.session.once("remoteSettings", () => resolve())))
    for (let i = 0; i < 10; i++) raw.session.ping(() => {})
    yield* settled(() => raw.isClosed)
    assert.strictEqual(raw.goAway?.code, 11)
    assert.strictEqual(raw.goAway?.detail, "too_many_pings")
  })
)

import { assert, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Scheduler from "effect/Scheduler"
import { TestClock } from "effect/testing"
import { describe } from "vitest"
import * as Call from "../../src/Call.ts"
import { Endpoint } from "../../src/Endpoint.ts"
import * as Metadata from "../../src/Metadata.ts"
import * as Metainfo from "../../src/Metainfo.ts"
import type * as Reply from "../../src/Reply.ts"
import * as Router from "../../src/Router.ts"
import type { RpcError } from "../../src/RpcError.ts"
import type { Caller } from "../../src/transport/Caller.ts"
import * as Deadlines from "../../src/transport/Deadlines.ts"
import * as Dispatcher from "../../src/transport/Dispatcher.ts"
import { ServerCall } from "../../src/transport/ServerCall.ts"
import { type Ask, Probe } from "../fixtures/Probe.ts"

/** A call whose answer is only noted. */
class Noted extends ServerCall {
  readonly isAwaited: boolean
  readonly answers: Array<string> = []

  constructor(caller: Caller, text: string, options: { deadline?: number | undefined; isAwaited?: boolean } = {}) {
    super(caller, Probe.methods.ask, { text }, Metadata.empty, Metainfo.empty, options.deadline)
    this.isAwaited = options.isAwaited ?? true
  }

  onReply(reply: Reply.Reply): void {
    this.answers.push(`reply ${JSON.stringify(reply.result)}`)
  }

  onFailure(error: RpcError): void {
    this.answers.push(error.reason._tag)
  }

  onDefect(): void {
    this.answers.push("defect")
  }
}

const setUp = (ask: (ask: Ask) => Effect.Effect<any, any>, options?: Partial<Dispatcher.Options>) =>
  Effect.gen(function* () {
    const handlers: any = { ask, askAgain: ask, tell: () => Effect.void, fire: () => Effect.void }
    const context = yield* Layer.build(
      Layer.mergeAll(Router.layer(Probe.serve(handlers) as Layer.Layer<never>), Deadlines.layer)
    )
    return yield* Effect.gen(function* () {
      const deadlines = yield* Deadlines.Deadlines
      const scheduler = yield* Scheduler.Scheduler
      const dispatcher = new Dispatcher.Dispatcher(yield* Endpoint, deadlines, scheduler, {
        ...Dispatcher.defaultOptions,
        ...options
      })
      const route = (yield* Router.Router).find(undefined, "ask")!
      const served = dispatcher.contextOf(route)
      return { deadlines, dispatcher, run: (call: Noted) => (dispatcher.run(call, served), call) }
    }).pipe(Effect.provideContext(context as never)) as Effect.Effect<{
      deadlines: Deadlines.Deadlines["Service"]
      dispatcher: Dispatcher.Dispatcher
      run: (call: Noted) => Noted
    }>
  }).pipe(Effect.provide(Logger.layer([])))

const noRoom = () => {}

describe("Dispatcher", () => {
  it.effect("a handler that ends at once is answered before run returns, and never counts", () =>
    Effect.gen(function* () {
      let most = 0
      let running = () => 0
      const { dispatcher, run } = yield* setUp(({ text }) =>
        text === "exit" ? Effect.succeed(text) : Effect.sync(() => ((most = Math.max(most, running())), text))
      )
      running = () => dispatcher.running
      const caller = dispatcher.caller("a", noRoom)
      assert.include(run(new Noted(caller, "exit")).answers[0], "exit")
      assert.include(run(new Noted(caller, "fiber")).answers[0], "fiber")
      assert.strictEqual(most, 0)
    })
  )

  it.effect("a handler sees the call that it serves", () =>
    Effect.gen(function* () {
      const { dispatcher, run } = yield* setUp(() =>
        Effect.map(Call.Current, (call) => `${call?.peer} ${call?.method.name}`)
      )
      assert.include(run(new Noted(dispatcher.caller("10.0.0.1:5", noRoom), "x")).answers[0], "10.0.0.1:5 ask")
    })
  )

  it.effect("at its deadline a call is answered and its handler interrupted, once", () =>
    Effect.gen(function* () {
      const interrupted: Array<string> = []
      const { deadlines, dispatcher, run } = yield* setUp(({ text }) =>
        Effect.onInterrupt(Effect.never, () => Effect.sync(() => interrupted.push(text)))
      )
      const caller = dispatcher.caller("a", noRoom)
      const now = deadlines.now()
      const soon = run(new Noted(caller, "soon", { deadline: now + 100 }))
      const later = run(new Noted(caller, "later", { deadline: now + 1000 }))
      const lowered = run(new Noted(caller, "lowered", { deadline: now + 10_000 }))
      lowered.bound(now + 50)
      lowered.bound(now + 500)
      assert.strictEqual(deadlines.pending(), 3)
      yield* TestClock.adjust("60 millis")
      assert.deepStrictEqual(interrupted, ["lowered"])
      yield* TestClock.adjust("50 millis")
      assert.deepStrictEqual(interrupted, ["lowered", "soon"])
      yield* TestClock.adjust("2 seconds")
      assert.deepStrictEqual(interrupted, ["lowered", "soon", "later"])
      for (const call of [soon, later, lowered]) assert.deepStrictEqual(call.answers, ["DeadlineExceeded"])
      assert.strictEqual(dispatcher.running, 0)
      assert.strictEqual(deadlines.pending(), 0)
    })
  )

  it.effect("a call that comes too late is not run", () =>
    Effect.gen(function* () {
      let ran = false
      const { deadlines, dispatcher, run } = yield* setUp(() => Effect.sync(() => (ran = true)))
      const call = run(new Noted(dispatcher.caller("a", noRoom), "x", { deadline: deadlines.now() }))
      assert.deepStrictEqual(call.answers, ["DeadlineExceeded"])
      assert.isFalse(ran)
    })
  )

  it.effect("a handler that cannot be interrupted keeps its slot until it ends, and is answered at the deadline", () =>
    Effect.gen(function* () {
      const gate = yield* Deferred.make<void>()
      const { deadlines, dispatcher, run } = yield* setUp(() => Effect.uninterruptible(Deferred.await(gate)))
      const call = run(new Noted(dispatcher.caller("a", noRoom), "x", { deadline: deadlines.now() + 10 }))
      yield* TestClock.adjust("20 millis")
      assert.deepStrictEqual(call.answers, ["DeadlineExceeded"])
      assert.strictEqual(dispatcher.running, 1)
      yield* Deferred.succeed(gate, undefined)
      assert.strictEqual(dispatcher.running, 0)
      assert.strictEqual(call.answers.length, 1)
    })
  )

  it.effect("defects, thrown or not, are answered as such", () =>
    Effect.gen(function* () {
      const { dispatcher, run } = yield* setUp(({ text }) => {
        if (text === "throw") throw new Error("boom")
        return text === "interrupt" ? Effect.interrupt : Effect.die("boom")
      })
      const caller = dispatcher.caller("a", noRoom)
      for (const text of ["throw", "die", "interrupt"]) {
        assert.deepStrictEqual(run(new Noted(caller, text)).answers, ["defect"])
      }
    })
  )

  it.effect("a caller that leaves is answered no more; its oneway calls run on", () =>
    Effect.gen(function* () {
      const gate = yield* Deferred.make<void>()
      const { dispatcher, run } = yield* setUp(() => Effect.as(Deferred.await(gate), "x"))
      const gone = dispatcher.caller("gone", noRoom)
      const staying = dispatcher.caller("staying", noRoom)
      const calls = [new Noted(gone, "x"), new Noted(gone, "x", { isAwaited: false }), new Noted(staying, "x")].map(run)
      gone.leave(true)
      assert.strictEqual(dispatcher.running, 2)
      yield* Deferred.succeed(gate, undefined)
      assert.deepStrictEqual(
        calls.map(({ answers }) => answers.length),
        [0, 1, 1]
      )
      assert.strictEqual(dispatcher.running, 0)
    })
  )

  it.effect("room: per caller and in all, and whoever waits is told in turn", () =>
    Effect.gen(function* () {
      const gates = new Map<string, Deferred.Deferred<void>>()
      const { dispatcher, run } = yield* setUp(
        ({ text }) =>
          Effect.suspend(() => {
            const gate = Deferred.makeUnsafe<void>()
            gates.set(text, gate)
            return Effect.as(Deferred.await(gate), text)
          }),
        { concurrency: 3, connectionConcurrency: 2 }
      )
      const told: Array<string> = []
      const [a, b, c] = ["a", "b", "c"].map((name) => dispatcher.caller(name, () => told.push(name)))
      run(new Noted(a!, "a1"))
      run(new Noted(a!, "a2"))
      assert.isFalse(a!.hasRoom())
      assert.isTrue(b!.hasRoom())
      run(new Noted(b!, "b1"))
      assert.isFalse(b!.hasRoom())
      assert.isFalse(b!.hasRoom())
      assert.isFalse(c!.hasRoom())
      assert.deepStrictEqual(told, [])
      yield* Deferred.succeed(gates.get("b1")!, undefined)
      assert.deepStrictEqual(told, ["b", "c"])
      yield* Deferred.succeed(gates.get("a1")!, undefined)
      assert.deepStrictEqual(told, ["b", "c", "a"])
      assert.isTrue(a!.hasRoom())
    })
  )

  it.effect("room: one who keeps its slots busy does not shut others out", () =>
    Effect.gen(function* () {
      const gates: Array<Deferred.Deferred<void>> = []
      const { dispatcher, run } = yield* setUp(
        ({ text }) =>
          Effect.suspend(() => {
            const gate = Deferred.makeUnsafe<void>()
            gates.push(gate)
            return Effect.as(Deferred.await(gate), text)
          }),
        { concurrency: 2 }
      )
      const ran: Array<string> = []
      const greedy = (name: string) => {
        const caller = dispatcher.caller(name, () => take())
        const take = () => {
          while (caller.hasRoom()) {
            ran.push(name)
            run(new Noted(caller, name))
          }
        }
        return take
      }
      for (const name of ["a", "b", "c"]) greedy(name)()
      for (let i = 0; i < 30; i++) yield* Deferred.succeed(gates[i]!, undefined)
      for (const name of ["a", "b", "c"]) assert.isAtLeast(ran.filter((one) => one === name).length, 9)
    })
  )

  it.effect("stop: what runs is interrupted and answered so, what comes is refused", () =>
    Effect.gen(function* () {
      const { dispatcher, run } = yield* setUp(() => Effect.never)
      const caller = dispatcher.caller("a", noRoom)
      const running = Array.from({ length: 3 }, () => run(new Noted(caller, "x")))
      const idle = yield* Effect.forkChild(dispatcher.idle, { startImmediately: true })
      dispatcher.stop()
      yield* Fiber.join(idle)
      for (const call of [...running, run(new Noted(caller, "x"))])
        assert.deepStrictEqual(call.answers, ["Unavailable"])
      assert.strictEqual(dispatcher.running, 0)
    })
  )

  it.effect("fibers that yield run in one turn of the event loop", () =>
    Effect.gen(function* () {
      const { dispatcher, run } = yield* setUp(({ text }) => Effect.as(Effect.yieldNow, text))
      const caller = dispatcher.caller("a", noRoom)
      const calls = Array.from({ length: 10 }, () => run(new Noted(caller, "x")))
      let turns = 0
      while (dispatcher.running > 0) {
        turns++
        yield* Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))
      }
      assert.isAtMost(turns, 2)
      for (const call of calls) assert.strictEqual(call.answers.length, 1)
    })
  )
})

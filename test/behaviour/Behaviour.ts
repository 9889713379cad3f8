/** What calls do, whatever carries them: one suite, which each transport runs. */
import { assert, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Scope from "effect/Scope"
import { describe } from "vitest"
import * as TestClock from "effect/testing/TestClock"
import * as Call from "../../src/Call.ts"
import * as CallOptions from "../../src/CallOptions.ts"
import * as Contract from "../../src/Contract.ts"
import { Endpoint } from "../../src/Endpoint.ts"
import { middleware } from "../../src/Layer.ts"
import * as Metainfo from "../../src/Metainfo.ts"
import * as Reply from "../../src/Reply.ts"
import * as Router from "../../src/Router.ts"
import { type ApplicationError, isRpcError, Overloaded, RpcError } from "../../src/RpcError.ts"
import { type Ask, Probe, Refused } from "../fixtures/Probe.ts"

/** A protocol's own contract of the suite, and what its errors look like. */
export interface Protocol {
  readonly contract: typeof Probe
  /** The same contract with a method that the server does not have. */
  readonly newer: typeof Newer
  /** The declared error. */
  readonly refuse: (why: string) => unknown
  /** What a failure of the server is told as. */
  readonly outcomeOf: (error: unknown) => Outcome | undefined
  readonly hasOneway: boolean
}

export type Outcome = "internal" | "missingResult" | "unknownMethod" | "overloaded" | "deadline"

const applicationCode = (error: unknown): number | undefined =>
  isRpcError(error) && error.reason._tag === "ApplicationError" ? (error.reason as ApplicationError).code : undefined

const applicationOutcomes: Readonly<Record<number, Outcome>> = { 1: "unknownMethod", 5: "missingResult", 6: "internal" }

/** The same contract with a method that the server does not have. */
class Newer extends Contract.Service<Newer>()("test.Probe", {
  later: { ...Probe.methods.ask, name: "later", fullName: "test.Probe.later" }
}) {}

export const thrift: Protocol = {
  contract: Probe,
  newer: Newer,
  refuse: (why) => new Refused({ why }),
  outcomeOf: (error) => applicationOutcomes[applicationCode(error) ?? 0],
  hasOneway: true
}

/** How a test gets from a server's stack to an endpoint for clients. */
export interface Transport {
  readonly name: string
  readonly protocol: Protocol
  /** Serves until the scope closes. The client's layer is built and released apart from it. */
  readonly serve: (server: Layer.Layer<Endpoint | Router.Router>) => Effect.Effect<Served, unknown, Scope.Scope>
  /** Deadline and metainfo of a call travel to the server. */
  readonly carriesContext: boolean
  /** An interrupted client interrupts the handler of its call, not only when it was the last one of its connection. */
  readonly cancels: boolean
  /** A server that ends gives running calls time. */
  readonly drains: boolean
}

export interface Served {
  readonly client: Layer.Layer<Endpoint, unknown>
  readonly inFlight: () => number
}

type Handler<A> = (ask: Ask) => Effect.Effect<A, any, any>

export interface Handlers {
  readonly ask?: Handler<any>
  readonly askAgain?: Handler<any>
  readonly tell?: Handler<any>
  readonly fire?: Handler<any>
}

export const handlers = (own: Handlers): any => ({
  ask: ({ text }: Ask) => Effect.succeed(text),
  askAgain: ({ text }: Ask) => Effect.succeed(text),
  tell: () => Effect.void,
  fire: () => Effect.void,
  ...own
})

/** Until something that other events bring about is so. */
export const settled = (predicate: () => boolean): Effect.Effect<void> =>
  Effect.promise(async () => {
    while (!predicate()) await new Promise<void>((resolve) => setImmediate(resolve))
  })

const reasonOf = (error: unknown): string | undefined => (isRpcError(error) ? error.reason._tag : undefined)

/** An endpoint that keeps the calls that it is given. */
const recorder = () => {
  const calls: Array<Call.Call> = []
  const layer = Layer.succeed(Endpoint, (call) =>
    Effect.sync(() => {
      calls.push(call)
      return Reply.succeed("downstream")
    })
  )
  return { calls, layer }
}

export const suite = (transport: Transport): void => {
  const { contract: Probe, hasOneway, newer: Newer, outcomeOf, refuse } = transport.protocol

  const live = (name: string, body: Effect.Effect<unknown, unknown, Scope.Scope>) =>
    it.live(name, () => Effect.scoped(body).pipe(Effect.provide(Logger.layer([]))) as Effect.Effect<unknown>)

  /** With a clock that stands still until the test moves it, also for the timers of servers and clients. */
  const timed = (name: string, body: Effect.Effect<unknown, unknown, Scope.Scope>) =>
    it.effect(name, () => Effect.scoped(body).pipe(Effect.provide(Logger.layer([]))) as Effect.Effect<unknown>)

  const build = <A>(layer: Layer.Layer<A, unknown>) => Layer.build(layer)

  /** A server with these handlers, and a client of it. */
  const start = (own: Handlers, over: (router: Layer.Layer<any>) => Layer.Layer<any> = (router) => router) =>
    Effect.gen(function* () {
      const router = Router.layer(Probe.serve(handlers(own)) as Layer.Layer<never>)
      const served = yield* transport.serve(over(router as Layer.Layer<any>) as Layer.Layer<Endpoint | Router.Router>)
      const context = yield* build(Layer.provide(Probe.client, served.client))
      const probe = yield* Effect.provideContext(Probe, context)
      return { ...served, probe }
    })

  describe(transport.name, () => {
    live(
      "success",
      Effect.gen(function* () {
        const { probe } = yield* start({ ask: ({ text }) => Effect.delay(Effect.succeed(`late ${text}`), "1 millis") })
        assert.strictEqual(yield* probe.ask({ text: "é" }), "late é")
        assert.strictEqual(yield* probe.askAgain({ text: "" }), "")
        assert.strictEqual(yield* probe.tell({ text: "x" }), undefined)
      })
    )

    live(
      "a declared error is the method's own, typed",
      Effect.gen(function* () {
        const { probe } = yield* start({ ask: ({ text }) => Effect.fail(refuse(text)) })
        const caught = yield* Effect.catchTag(probe.ask({ text: "no" }), "Refused", ({ why }) =>
          Effect.succeed(`caught ${why}`)
        )
        assert.strictEqual(caught, "caught no")
      })
    )

    live(
      "a defect is an internal error, and concerns nobody else",
      Effect.gen(function* () {
        const { inFlight, probe } = yield* start({
          ask: ({ text }) => {
            if (text === "throw") throw new Error("secret")
            return text === "die"
              ? Effect.delay(Effect.die("secret"), "1 millis")
              : Effect.delay(Effect.succeed(text), "5 millis")
          }
        })
        const other = yield* Effect.forkChild(probe.ask({ text: "other" }), { startImmediately: true })
        for (const text of ["throw", "die"]) {
          const error = yield* Effect.flip(probe.ask({ text }))
          assert.strictEqual(outcomeOf(error), "internal")
          assert.notInclude(String((error as Error).message), "secret")
        }
        assert.strictEqual(yield* Fiber.join(other), "other")
        assert.strictEqual(inFlight(), 0)
      })
    )

    live(
      "an undeclared error and a missing result are internal errors",
      Effect.gen(function* () {
        const { probe } = yield* start({
          ask: ({ text }) => (text === "none" ? Effect.succeed(undefined) : Effect.fail(new Error("secret")))
        })
        assert.strictEqual(outcomeOf(yield* Effect.flip(probe.ask({ text: "x" }))), "internal")
        assert.include(["missingResult", "internal"], outcomeOf(yield* Effect.flip(probe.ask({ text: "none" }))))
      })
    )

    live(
      "a request that is not of its type is a ProtocolError, and nothing is sent",
      Effect.gen(function* () {
        let asked = 0
        const { probe } = yield* start({ ask: ({ text }) => Effect.sync(() => (asked++, text)) })
        const error = yield* Effect.flip(probe.ask({ text: 5 as never }))
        assert.strictEqual(reasonOf(error), "ProtocolError")
        assert.strictEqual(yield* probe.ask({ text: "x" }), "x")
        assert.strictEqual(asked, 1)
      })
    )

    live(
      "a failure of the framework on the server is an application error",
      Effect.gen(function* () {
        const { probe } = yield* start({
          tell: () => Effect.fail(new RpcError({ method: "elsewhere", reason: new Overloaded({ limit: "1 call" }) }))
        })
        const error = yield* Effect.flip(probe.tell({ text: "x" }))
        assert.include(["internal", "overloaded"], outcomeOf(error))
      })
    )

    live(
      "an unknown method",
      Effect.gen(function* () {
        const { client } = yield* start({})
        const context = yield* build(Layer.provide(Newer.client, client))
        const error = yield* Effect.flip(
          Effect.flatMap(Effect.provideContext(Newer, context), (newer) => newer.later({ text: "x" }))
        )
        assert.strictEqual(outcomeOf(error), "unknownMethod")
      })
    )

    if (hasOneway) {
      live(
        "oneway: the call ends when it is sent, and the handler runs on",
        Effect.gen(function* () {
          const gate = yield* Deferred.make<void>()
          const heard = yield* Deferred.make<string>()
          const { probe } = yield* start({
            fire: ({ text }) => Effect.andThen(Deferred.await(gate), Deferred.succeed(heard, text))
          })
          yield* probe.fire({ text: "a" })
          yield* Deferred.succeed(gate, undefined)
          assert.strictEqual(yield* Deferred.await(heard), "a")
          assert.strictEqual(yield* probe.ask({ text: "after" }), "after")
        })
      )
    }

    live(
      "a timeout ends the call at its deadline, and no other",
      Effect.gen(function* () {
        const gate = yield* Deferred.make<void>()
        const { probe } = yield* start({ ask: ({ text }) => Effect.as(Deferred.await(gate), text) })
        const patient = yield* Effect.forkChild(probe.ask({ text: "patient" }), { startImmediately: true })
        const before = Date.now()
        const error = yield* Effect.flip(probe.ask({ text: "x" }).pipe(CallOptions.withTimeout("40 millis")))
        assert.strictEqual(reasonOf(error), "DeadlineExceeded")
        assert.isAtLeast(Date.now() - before, 39)
        yield* Deferred.succeed(gate, undefined)
        assert.strictEqual(yield* Fiber.join(patient), "patient")
      })
    )

    live(
      "a deadline that has passed is not sent",
      Effect.gen(function* () {
        let asked = 0
        const { probe } = yield* start({ ask: ({ text }) => Effect.sync(() => (asked++, text)) })
        const error = yield* Effect.flip(probe.ask({ text: "x" }).pipe(CallOptions.withTimeout("-1 millis")))
        assert.strictEqual(reasonOf(error), "DeadlineExceeded")
        assert.strictEqual(yield* probe.ask({ text: "y" }), "y")
        assert.strictEqual(asked, 1)
      })
    )

    live(
      "an interrupted call ends at once, and its late reply is nobody else's",
      Effect.gen(function* () {
        const gate = yield* Deferred.make<void>()
        const started = yield* Deferred.make<void>()
        const { inFlight, probe } = yield* start({
          ask: ({ text }) => Effect.andThen(Deferred.succeed(started, undefined), Effect.as(Deferred.await(gate), text))
        })
        const running = yield* Effect.forkChild(probe.ask({ text: "interrupted" }), { startImmediately: true })
        yield* Deferred.await(started)
        yield* settled(() => inFlight() === 1)
        yield* Fiber.interrupt(running)
        const next = yield* Effect.forkChild(probe.ask({ text: "next" }), { startImmediately: true })
        if (transport.cancels) yield* settled(() => inFlight() === 1)
        yield* Deferred.succeed(gate, undefined)
        assert.strictEqual(yield* Fiber.join(next), "next")
        yield* settled(() => inFlight() === 0)
      })
    )

    live(
      "handlers end when their client is gone",
      Effect.gen(function* () {
        const interrupted = yield* Deferred.make<void>()
        const started = yield* Deferred.make<void>()
        const router = Router.layer(
          Probe.serve(
            handlers({
              ask: () =>
                Effect.andThen(Deferred.succeed(started, undefined), Effect.never).pipe(
                  Effect.onInterrupt(() => Deferred.succeed(interrupted, undefined))
                )
            })
          ) as Layer.Layer<never>
        )
        const served = yield* transport.serve(router as Layer.Layer<Endpoint | Router.Router>)
        const scope = yield* Scope.make()
        const context = yield* Layer.buildWithScope(Layer.provide(Probe.client, served.client), scope)
        const probe = yield* Effect.provideContext(Probe, context)
        const running = yield* Effect.forkChild(probe.ask({ text: "x" }), { startImmediately: true })
        yield* Deferred.await(started)
        yield* Scope.close(scope, Exit.void)
        yield* Fiber.interrupt(running)
        yield* Deferred.await(interrupted)
        yield* settled(() => served.inFlight() === 0)
      })
    )

    live(
      "a deadline and persistent metainfo of the served call flow into the calls that its handler makes",
      Effect.gen(function* () {
        const downstream = recorder()
        const deadline = Date.now() + 60_000
        const lowering = middleware(
          (inner) => (call) =>
            inner({
              ...Call.withDeadline(call, deadline),
              metainfo: Metainfo.withPersistent(call.metainfo, "zone", "a")
            })
        )
        const below = yield* build(Layer.provide(Probe.client, downstream.layer))
        const { probe } = yield* start(
          {
            ask: ({ text }) => Effect.flatMap(Probe, (probe) => probe.ask({ text })).pipe(Effect.provideContext(below))
          },
          (router) => Layer.provideMerge(lowering, router)
        )
        assert.strictEqual(yield* probe.ask({ text: "x" }), "downstream")
        const [call] = downstream.calls
        assert.strictEqual(call?.deadline, deadline)
        assert.strictEqual(call?.metainfo.persistent.get("zone"), "a")
      })
    )

    timed(
      "a deadline that the server sets ends the handler",
      Effect.gen(function* () {
        const interrupted = yield* Deferred.make<void>()
        const started = yield* Deferred.make<void>()
        const deadline = (yield* Clock.currentTimeMillis) + 30
        const lowering = middleware((inner) => (call) => inner(Call.withDeadline(call, deadline)))
        const { inFlight, probe } = yield* start(
          {
            ask: () =>
              Effect.andThen(Deferred.succeed(started, undefined), Effect.never).pipe(
                Effect.onInterrupt(() => Deferred.succeed(interrupted, undefined))
              )
          },
          (router) => Layer.provideMerge(lowering, router)
        )
        const running = yield* Effect.forkChild(Effect.flip(probe.ask({ text: "x" })), { startImmediately: true })
        yield* Deferred.await(started)
        yield* TestClock.adjust("40 millis")
        const error = yield* Fiber.join(running)
        assert.isTrue(
          reasonOf(error) === "DeadlineExceeded" || ["internal", "deadline"].includes(outcomeOf(error) ?? "")
        )
        yield* Deferred.await(interrupted)
        yield* settled(() => inFlight() === 0)
      })
    )

    if (transport.carriesContext) {
      live(
        "deadline, metainfo and metadata of the client travel to the handler and on",
        Effect.gen(function* () {
          const downstream = recorder()
          const below = yield* build(Layer.provide(Probe.client, downstream.layer))
          let seen: Call.Call | undefined
          const { probe } = yield* start({
            ask: ({ text }) =>
              Effect.gen(function* () {
                seen = yield* Call.Current
                return yield* (yield* Probe).ask({ text })
              }).pipe(Effect.provideContext(below))
          })
          const before = Date.now()
          yield* probe
            .ask({ text: "x" })
            .pipe(
              CallOptions.withTimeout("1 minute"),
              CallOptions.withPersistent("zone", "a"),
              CallOptions.withTransient("hop", "1"),
              CallOptions.withMetadata("Key", "value")
            )
          assert.strictEqual(seen?.metainfo.transient.get("hop"), "1")
          assert.deepStrictEqual(seen?.metadata.entries, [["key", "value"]])
          const [call] = downstream.calls
          assert.isAtLeast(call!.deadline!, before + 60_000)
          assert.strictEqual(call!.deadline, seen!.deadline)
          assert.strictEqual(call!.metainfo.persistent.get("zone"), "a")
          assert.strictEqual(call!.metainfo.transient.size, 0)
          assert.strictEqual(call!.metadata.entries.length, 0)
        })
      )
    }

    live(
      "10,000 calls in flight",
      Effect.gen(function* () {
        const gate = yield* Deferred.make<void>()
        const { inFlight, probe } = yield* start({ ask: ({ text }) => Effect.as(Deferred.await(gate), text) })
        const count = 10_000
        const running = yield* Effect.forkChild(
          Effect.forEach(
            Array.from({ length: count }, (_, i) => i),
            (i) => probe.ask({ text: `${i}` }),
            { concurrency: "unbounded" }
          ),
          { startImmediately: true }
        )
        yield* settled(() => inFlight() === count)
        yield* Deferred.succeed(gate, undefined)
        const replies = yield* Fiber.join(running)
        replies.forEach((reply, i) => assert.strictEqual(reply, `${i}`))
        assert.strictEqual(inFlight(), 0)
      })
    )

    if (transport.drains) {
      live(
        "a server that ends finishes what runs",
        Effect.gen(function* () {
          const gate = yield* Deferred.make<void>()
          const scope = yield* Scope.make()
          const { inFlight, probe } = yield* Effect.provideService(
            Effect.gen(function* () {
              const router = Router.layer(
                Probe.serve(
                  handlers({ ask: ({ text }) => Effect.as(Deferred.await(gate), text) })
                ) as Layer.Layer<never>
              )
              return yield* transport.serve(router as Layer.Layer<Endpoint | Router.Router>)
            }),
            Scope.Scope,
            scope
          ).pipe(
            Effect.flatMap((served) =>
              Effect.map(build(Layer.provide(Probe.client, served.client)), (context) => ({ ...served, context }))
            ),
            Effect.flatMap(({ context, ...served }) =>
              Effect.map(Effect.provideContext(Probe, context), (probe) => ({ ...served, probe }))
            )
          )
          const running = yield* Effect.forkChild(
            Effect.forEach([1, 2, 3], (i) => probe.ask({ text: `${i}` }), { concurrency: "unbounded" }),
            { startImmediately: true }
          )
          yield* settled(() => inFlight() === 3)
          const ending = yield* Effect.forkChild(Scope.close(scope, Exit.void), { startImmediately: true })
          yield* Effect.yieldNow
          yield* Deferred.succeed(gate, undefined)
          assert.deepStrictEqual(yield* Fiber.join(running), ["1", "2", "3"])
          yield* Fiber.join(ending)
          const error = yield* Effect.flip(probe.ask({ text: "x" }))
          assert.strictEqual(reasonOf(error), "Unavailable")
        })
      )
    }
  })
}

/** Handlers of one protocol that call servers of the other: what flows on does not ask which protocol it is. */
import { assert, describe } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as TestClock from "effect/testing/TestClock"
import * as Call from "../../src/Call.ts"
import * as CallOptions from "../../src/CallOptions.ts"
import * as Instance from "../../src/discovery/Instance.ts"
import * as GrpcClient from "../../src/grpc/GrpcClient.ts"
import * as VolantLayer from "../../src/Layer.ts"
import { isRpcError, RpcError, StatusError } from "../../src/RpcError.ts"
import * as Router from "../../src/Router.ts"
import * as Loopback from "../../src/testing/Loopback.ts"
import * as ThriftClient from "../../src/thrift/ThriftClient.ts"
import * as Direct from "../../src/transport/Direct.ts"
import type { Listener } from "../../src/transport/Listener.ts"
import { failureOf, fork } from "../fixtures/Connected.ts"
import { GrpcProbe } from "../fixtures/GrpcProbe.ts"
import * as GrpcServed from "../fixtures/GrpcServed.ts"
import { Probe } from "../fixtures/Probe.ts"
import { live, serve as serveThrift, settled, timed } from "../fixtures/ServedProbe.ts"

const addressOf = (listener: Listener["Service"]): string => Instance.formatAddress(listener.address)

/** A client over the wire, and the calls as they go down to it. */
const overThrift = (listener: Listener["Service"]) => {
  const calls: Array<Call.Call> = []
  const recording = VolantLayer.middleware((inner) => (call) => {
    calls.push(call)
    return inner(call)
  })
  const client = Probe.client.pipe(
    Layer.provide(recording),
    Layer.provide(Direct.layer(addressOf(listener))),
    Layer.provide(ThriftClient.layer())
  )
  return Effect.map(Layer.build(client), (context) => ({ calls, client: Context.get(context, Probe) }))
}

const overGrpc = (listener: Listener["Service"]) => {
  const client = GrpcProbe.client.pipe(
    Layer.provide(Direct.layer(addressOf(listener))),
    Layer.provide(GrpcClient.layer())
  )
  return Effect.map(Layer.build(client), (context) => Context.get(context, GrpcProbe))
}

/** Serves Probe of Thrift in memory, which carries all of a call, as TTHeader does. */
const inMemory = (ask: (asked: { readonly text: string }) => Effect.Effect<string, RpcError>) => {
  const handlers = { ask, askAgain: ask, tell: () => Effect.void, fire: () => Effect.void }
  const client = Probe.client.pipe(Layer.provide(Loopback.layer()), Layer.provide(Router.layer(Probe.serve(handlers))))
  return Effect.map(Layer.build(client), (context) => Context.get(context, Probe))
}

/** What a handler of the last server was called with. */
const seeing = () => {
  const seen: Array<Call.Call> = []
  const ask = ({ text }: { readonly text: string }) =>
    Effect.map(Call.Current, (call) => {
      seen.push(call!)
      return text.toUpperCase()
    })
  return { seen, ask }
}

/** A failure that says what it was, since a handler of the other protocol does not know the declared one. */
const asStatus = (error: unknown) =>
  isRpcError(error)
    ? error
    : new RpcError({ method: "", reason: new StatusError({ code: 9, detail: `declared: ${String(error)}` }) })

describe("a Thrift handler that calls gRPC", () => {
  live(
    "hands on persistent metainfo and the time that is left, and nothing that was meant for itself",
    Effect.gen(function* () {
      const { ask, seen } = seeing()
      const grpc = yield* overGrpc(yield* GrpcServed.serve({ ask }))
      const thrift = yield* inMemory(({ text }) => Effect.mapError(grpc.ask({ text }), asStatus))
      const before = Date.now()
      const reply = yield* thrift
        .ask({ text: "x" })
        .pipe(
          CallOptions.withTimeout("1 minute"),
          CallOptions.withPersistent("ZONE_ID", "a"),
          CallOptions.withPersistent("mixed Case", "é"),
          CallOptions.withTransient("HOP", "1"),
          CallOptions.withMetadata("key", "value")
        )
      assert.strictEqual(reply, "X")
      const [call] = seen
      assert.deepStrictEqual([...call!.metainfo.persistent].sort(), [
        ["ZONE_ID", "a"],
        ["mixed Case", "é"]
      ])
      assert.strictEqual(call!.metainfo.transient.size, 0)
      assert.strictEqual(call!.metadata.entries.length, 0)
      assert.isAtLeast(call!.deadline!, before + 50_000)
      assert.isAtMost(call!.deadline!, Date.now() + 60_001)
    })
  )

  live(
    "has the gRPC call cancelled at its deadline",
    Effect.gen(function* () {
      const listener = yield* GrpcServed.serve({ ask: () => Effect.never })
      const grpc = yield* overGrpc(listener)
      const thrift = yield* inMemory(({ text }) => Effect.mapError(grpc.ask({ text }), asStatus))
      const error = yield* Effect.flip(thrift.ask({ text: "x" }).pipe(CallOptions.withTimeout("80 millis")))
      assert.strictEqual(isRpcError(error) && error.reason._tag, "DeadlineExceeded")
      yield* settled(() => listener.inFlight() === 0)
    })
  )
})

describe("a gRPC handler that calls Thrift", () => {
  live(
    "hands on persistent metainfo and the time that is left, and nothing that was meant for itself",
    Effect.gen(function* () {
      const below = seeing()
      const thrift = yield* overThrift(yield* serveThrift({ ask: below.ask }))
      const middle = yield* GrpcServed.serve({ ask: ({ text }) => thrift.client.ask({ text }) })
      const grpc = yield* overGrpc(middle)
      const before = Date.now()
      const reply = yield* grpc
        .ask({ text: "x" })
        .pipe(
          CallOptions.withTimeout("1 minute"),
          CallOptions.withPersistent("ZONE_ID", "a"),
          CallOptions.withTransient("HOP", "1"),
          CallOptions.withMetadata("key", "value")
        )
      assert.strictEqual(reply, "X")
      const [call] = thrift.calls
      assert.deepStrictEqual([...call!.metainfo.persistent], [["ZONE_ID", "a"]])
      assert.strictEqual(call!.metainfo.transient.size, 0)
      assert.strictEqual(call!.metadata.entries.length, 0)
      assert.isAtLeast(call!.deadline!, before + 50_000)
      assert.isAtMost(call!.deadline!, Date.now() + 60_001)
    })
  )

  timed(
    "gives the Thrift call no more time than it has",
    Effect.gen(function* () {
      const thrift = yield* overThrift(yield* serveThrift({ ask: () => Effect.never }))
      const outcomes: Array<string> = []
      const listener = yield* GrpcServed.serve({
        ask: ({ text }) =>
          thrift.client.ask({ text }).pipe(
            Effect.onExit((exit) => Effect.sync(() => outcomes.push(exit._tag))),
            Effect.mapError(asStatus)
          )
      })
      const grpc = yield* overGrpc(listener)
      const running = yield* fork(grpc.ask({ text: "x" }).pipe(CallOptions.withTimeout("300 millis")))
      yield* settled(() => thrift.calls.length === 1)
      yield* TestClock.adjust("310 millis")
      const error = yield* failureOf(running)
      assert.strictEqual(isRpcError(error) && error.reason._tag, "DeadlineExceeded")
      yield* settled(() => outcomes.length === 1 && listener.inFlight() === 0)
      assert.isAtMost(thrift.calls[0]!.deadline!, 300)
    })
  )
})

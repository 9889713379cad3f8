/** Our client and our server over real sockets. */
import { assert, describe, it } from "@effect/vitest"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Latch from "effect/Latch"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import type * as Scope from "effect/Scope"
import * as CallOptions from "../../src/CallOptions.ts"
import type * as Contract from "../../src/Contract.ts"
import { formatAddress } from "../../src/discovery/Instance.ts"
import * as Router from "../../src/Router.ts"
import { isRpcError } from "../../src/RpcError.ts"
import * as ThriftClient from "../../src/thrift/ThriftClient.ts"
import * as ThriftServer from "../../src/thrift/ThriftServer.ts"
import * as Direct from "../../src/transport/Direct.ts"
import { Listener } from "../../src/transport/Listener.ts"
import { Probe, Refused } from "../fixtures/Probe.ts"
import * as RawClient from "../fixtures/RawClient.ts"

type Handlers = Contract.Handlers<typeof Probe.methods>

const serve = (options: ThriftServer.Options, handlers?: Partial<Handlers>) =>
  Layer.build(
    ThriftServer.layer({ host: "127.0.0.1", drainTimeout: "200 millis", ...options }).pipe(
      Layer.provide(
        Router.layer(
          Probe.serve({
            ask: ({ text }) => (text === "no" ? Effect.fail(new Refused({ why: "because" })) : Effect.succeed(text)),
            askAgain: ({ text }) => Effect.succeed(text),
            tell: ({ text }) => (text === "die" ? Effect.die(new Error("boom")) : Effect.void),
            fire: () => Effect.void,
            ...handlers
          })
        )
      )
    )
  ).pipe(Effect.map((context) => formatAddress(Context.get(context, Listener).address)))

const connect = (address: string, options?: ThriftClient.Options) =>
  Layer.build(Probe.client.pipe(Layer.provide(Direct.layer(address)), Layer.provide(ThriftClient.layer(options)))).pipe(
    Effect.map((context) => Context.get(context, Probe))
  )

const socketPath = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "volant-"))),
  (folder) => Effect.sync(() => rmSync(folder, { recursive: true }))
).pipe(Effect.map((folder) => join(folder, "server.sock")))

const silent = Logger.layer([])

const live = <A, E>(name: string, body: Effect.Effect<A, E, Scope.Scope>) =>
  it.live(name, () => Effect.scoped(body).pipe(Effect.provide(silent)))

const tagOf = (error: unknown) => (isRpcError(error) ? error.reason._tag : error)

describe("ThriftClient and ThriftServer", () => {
  for (const { framing, protocol } of RawClient.wires) {
    if (protocol === "binary-nonstrict") continue
    for (const order of ["multiplex", "pingpong"] as const) {
      for (const network of ["tcp", "unix"] as const) {
        live(
          `${network} ${framing} ${protocol} ${order}`,
          Effect.gen(function* () {
            const address = yield* serve(network === "unix" ? { path: yield* socketPath } : {})
            const client = yield* connect(address, { framing, protocol, order })
            for (const text of ["", "héllo", "x".repeat(300_000)]) {
              assert.strictEqual(yield* client.ask({ text }), text)
            }
            assert.deepStrictEqual(yield* Effect.flip(client.ask({ text: "no" })), new Refused({ why: "because" }))
            assert.strictEqual(yield* client.tell({ text: "a" }), undefined)
            assert.strictEqual(tagOf(yield* Effect.flip(client.tell({ text: "die" }))), "ApplicationError")
            yield* client.fire({ text: "off" })
            const all = Array.from({ length: 200 }, (_, i) => `${i}`)
            const asked = yield* Effect.forEach(all, (text) => client.ask({ text }), { concurrency: "unbounded" })
            assert.deepStrictEqual(asked, all)
          })
        )
      }
    }
  }

  live(
    "10,000 calls in flight, all answered at once",
    Effect.gen(function* () {
      const gate = yield* Latch.make()
      let running = 0
      const all = Array.from({ length: 10_000 }, (_, i) => `${i}`)
      const address = yield* serve(
        {},
        {
          ask: ({ text }) =>
            Effect.suspend(() => {
              if (++running === all.length) gate.openUnsafe()
              return Effect.as(gate.await, text)
            })
        }
      )
      const client = yield* connect(address)
      const asked = yield* Effect.forEach(all, (text) => client.ask({ text }), { concurrency: "unbounded" })
      assert.deepStrictEqual(asked, all)
    })
  )

  live(
    "the deadline ends a call whose handler does not",
    Effect.gen(function* () {
      const address = yield* serve({}, { ask: () => Effect.never })
      const client = yield* connect(address)
      const error = yield* Effect.flip(client.ask({ text: "a" }).pipe(CallOptions.withTimeout("20 millis")))
      assert.strictEqual(tagOf(error), "DeadlineExceeded")
      assert.strictEqual(yield* client.askAgain({ text: "b" }), "b")
    })
  )

  live(
    "a client that closes ends its calls, and the server's handlers with them",
    Effect.gen(function* () {
      const started = yield* Latch.make()
      const interrupted = yield* Latch.make()
      const address = yield* serve(
        {},
        {
          ask: () =>
            Effect.andThen(
              Effect.sync(() => started.openUnsafe()),
              Effect.onInterrupt(Effect.never, () => Effect.sync(() => interrupted.openUnsafe()))
            )
        }
      )
      const calling = yield* connect(address).pipe(
        Effect.flatMap((client) =>
          Effect.forkDetach(Effect.flip(client.ask({ text: "a" })), { startImmediately: true })
        ),
        Effect.tap(() => started.await),
        Effect.scoped
      )
      assert.strictEqual(tagOf(yield* Fiber.join(calling)), "Unavailable")
      yield* interrupted.await
    })
  )

  live(
    "a server that goes away and comes back on its port is found again",
    Effect.gen(function* () {
      const first = yield* Effect.scoped(
        Effect.gen(function* () {
          const address = yield* serve({})
          const client = yield* connect(address)
          assert.strictEqual(yield* client.ask({ text: "a" }), "a")
          return address
        })
      )
      const client = yield* connect(first, { reconnect: { initial: "1 millis", jitter: 0 } })
      const refused = yield* Effect.flip(client.ask({ text: "b" }))
      assert.isTrue(isRpcError(refused) && refused.reason._tag === "Unavailable" && refused.reason.unsent)
      yield* serve({ port: Number(first.split(":")[1]) })
      const answer = yield* Effect.retry(client.ask({ text: "c" }), {
        while: (error) => tagOf(error) === "Unavailable"
      })
      assert.strictEqual(answer, "c")
    })
  )

  live(
    "a failure downstream reaches the caller as an application exception",
    Effect.gen(function* () {
      const backend = yield* serve({}, { ask: () => Effect.never })
      const downstream = yield* connect(backend)
      const address = yield* serve(
        {},
        { ask: ({ text }) => downstream.ask({ text }).pipe(CallOptions.withTimeout("20 millis")) }
      )
      const client = yield* connect(address)
      const error = yield* Effect.flip(client.ask({ text: "a" }))
      assert.strictEqual(tagOf(error), "ApplicationError")
      assert.include(String((error as Error).message), "no reply before the deadline")
    })
  )
})

/** Live exchange with Apache's own `thrift` package, both ways, over both framings and protocols, plain and multiplexed. */
import { assert, describe, it } from "@effect/vitest"
import type { EventEmitter } from "node:events"
import { createRequire } from "node:module"
import type { AddressInfo, Server } from "node:net"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Router from "../../src/Router.ts"
import { isRpcError } from "../../src/RpcError.ts"
import * as Method from "../../src/Method.ts"
import * as Call from "../../src/Call.ts"
import { Endpoint } from "../../src/Endpoint.ts"
import * as ThriftClient from "../../src/thrift/ThriftClient.ts"
import * as ThriftServer from "../../src/thrift/ThriftServer.ts"
import * as Direct from "../../src/transport/Direct.ts"
import { Listener } from "../../src/transport/Listener.ts"
import { Boom, type Lists, Other, Prims, Svc } from "../golden/gen/golden.ts"

interface Wire {
  readonly framing: "framed" | "buffered"
  readonly protocol: "binary" | "compact"
  readonly multiplexed: boolean
}

/** What the peer's module has; values are as Apache's generated code has them. */
interface Peer {
  readonly createServer: (wire: Wire, fired: (what: string) => void) => Server
  readonly createClient: (wire: Wire, port: number) => { readonly connection: Connection; readonly client: PeerClient }
  readonly Boom: new (fields: object) => Error & { readonly code: number }
  readonly Other: new (fields: object) => Error & { readonly p: { readonly i: number } }
  readonly TApplicationException: new () => Error & { readonly type: number }
  readonly Int64: new (value: Buffer) => { readonly buffer: Buffer }
}

interface Connection extends EventEmitter {
  readonly end: () => void
}

type PeerClient = Readonly<Record<string, (...args: ReadonlyArray<unknown>) => Promise<any>>>

const peer = createRequire(import.meta.url)("../peers/ApacheSvc.cjs") as Peer

const wires: ReadonlyArray<Wire> = (["framed", "buffered"] as const).flatMap((framing) =>
  (["binary", "compact"] as const).flatMap((protocol) =>
    [false, true].map((multiplexed) => ({ framing, protocol, multiplexed }))
  )
)

const nameOf = (wire: Wire) => `${wire.framing} ${wire.protocol}${wire.multiplexed ? " multiplexed" : ""}`

const silent = Logger.layer([])

const live = <A, E>(name: string, body: Effect.Effect<A, E, import("effect/Scope").Scope>) =>
  it.live(name, () => Effect.scoped(body).pipe(Effect.provide(silent)))

const lists: Lists = {
  ints: Array.from({ length: 20 }, (_, i) => i),
  longs: [1n, -2n, 2n ** 40n],
  doubles: [0.5, 0.25],
  strings: ["a", "é"],
  bins: [Uint8Array.of(0), Uint8Array.of(255)],
  nested: [[], [1]]
}

const manySum = { t: true, i: -7, s: 20, l: 2n ** 40n - 1n, d: 0.75, str: "aé", bin: Buffer.of(0, 255) }

const edges: ReadonlyArray<bigint> = [1n, -1n, 2n ** 63n - 1n, -(2n ** 63n), 2n ** 53n + 1n]

const texts = ["", "hi", "héllo 世界 😀", "x".repeat(200_000)]

// --- our client, Apache's server

/** A method that no server has. */
const missing = Method.unary<{}, string>({ name: "missing", contract: "golden.Svc", codec: Svc.methods.truth.codec })

const startPeer = (wire: Wire) =>
  Effect.gen(function* () {
    const fired = yield* Deferred.make<string>()
    const server = peer.createServer(wire, (what) => Deferred.doneUnsafe(fired, Exit.succeed(what)))
    yield* Effect.callback<void>((resume) => void server.listen(0, "127.0.0.1", () => resume(Effect.void)))
    yield* Effect.addFinalizer(() => Effect.sync(() => void server.close()))
    return { port: (server.address() as AddressInfo).port, fired }
  })

const connect = (port: number, options: ThriftClient.Options) =>
  Effect.gen(function* () {
    const endpoint = Layer.provide(Direct.layer(`127.0.0.1:${port}`), ThriftClient.layer(options))
    const context = yield* Layer.build(Layer.provideMerge(Svc.client, endpoint))
    return { svc: Context.get(context, Svc), endpoint: Context.get(context, Endpoint) }
  })

describe("our client against Apache's server", () => {
  for (const wire of wires) {
    live(
      nameOf(wire),
      Effect.gen(function* () {
        const { fired, port } = yield* startPeer(wire)
        const { endpoint, svc } = yield* connect(port, wire)
        yield* svc.ping({})
        assert.strictEqual(yield* svc.truth({}), true)
        for (const s of texts) assert.strictEqual(yield* svc.echo({ s }), s)
        assert.deepStrictEqual(yield* svc.ids({ ids: edges }), edges.toReversed())
        const sum = yield* svc.many({ a: -7, l: lists, flag: true })
        assert.deepStrictEqual(
          { t: sum.t, i: sum.i, s: sum.s, l: sum.l, d: sum.d, str: sum.str, bin: Buffer.from(sum.bin!) },
          manySum
        )
        const boom = yield* Effect.flip(svc.many({ a: 1, l: lists, flag: true }))
        assert.isTrue(boom instanceof Boom && boom.code === -1 && boom.message === "boom")
        const other = yield* Effect.flip(svc.many({ a: 2, l: lists, flag: true }))
        assert.isTrue(other instanceof Other && other.p?.i === 1)
        const nothing = yield* Effect.flip(svc.nothing({}))
        assert.isTrue(nothing instanceof Boom && nothing.code === 3)
        // Apache's servers leave the code of what they answer with out, so it is read as 0.
        const crash = yield* Effect.flip(svc.echo({ s: "crash" }))
        assert.isTrue(isRpcError(crash) && crash.reason._tag === "ApplicationError")
        const unknown = yield* Effect.flip(endpoint(Call.make(missing, {})))
        assert.isTrue(isRpcError(unknown) && unknown.reason._tag === "ApplicationError")
        assert.include(unknown.message, "Unknown function missing")
        yield* svc.fire({ what: "gone" })
        assert.strictEqual(yield* Deferred.await(fired), "gone")
        const pipelined = yield* Effect.forEach(texts, (s) => svc.echo({ s }), { concurrency: "unbounded" })
        assert.deepStrictEqual(pipelined, texts)
      })
    )
  }

  live(
    "ping-pong",
    Effect.gen(function* () {
      const { port } = yield* startPeer(wires[0]!)
      const { svc } = yield* connect(port, { order: "pingpong", pool: { maxConnections: 3 } })
      const all = Array.from({ length: 50 }, (_, i) => `${i}`)
      assert.deepStrictEqual(yield* Effect.forEach(all, (s) => svc.echo({ s }), { concurrency: "unbounded" }), all)
    })
  )
})

// --- Apache's client, our server

const Handlers = (fired: Deferred.Deferred<string>) =>
  Svc.serve({
    ping: () => Effect.void,
    fire: ({ what }) => Effect.asVoid(Deferred.succeed(fired, what)),
    nothing: () => Effect.fail(new Boom({ code: 3, message: "nothing" })),
    truth: () => Effect.succeed(true),
    echo: ({ s }) => (s === "crash" ? Effect.die("crash") : Effect.succeed(s)),
    ids: ({ ids }) => Effect.succeed(ids.toReversed()),
    pick: ({ u }) => Effect.succeed(u),
    many: ({ a, flag, l }) => {
      if (a === 1) return Effect.fail(new Boom({ code: -1, message: "boom" }))
      if (a === 2) return Effect.fail(new Other({ detail: {}, p: Prims.make({ i: 1 }) }))
      return Effect.succeed(
        Prims.make({
          t: flag,
          i: a,
          s: l.ints!.length,
          l: l.longs!.reduce((total, value) => total + value, 0n),
          d: l.doubles!.reduce((total, value) => total + value, 0),
          str: l.strings!.join(""),
          bin: Buffer.concat(l.bins!)
        })
      )
    }
  })

const serve = Effect.gen(function* () {
  const fired = yield* Deferred.make<string>()
  const server = ThriftServer.layer({ host: "127.0.0.1" }).pipe(Layer.provide(Router.layer(Handlers(fired))))
  const { address } = Context.get(yield* Layer.build(server), Listener)
  if (address._tag !== "Tcp") throw new Error("the server listens on a socket file")
  return { port: address.port, fired }
})

const connectPeer = (wire: Wire, port: number) =>
  Effect.acquireRelease(
    Effect.sync(() => peer.createClient(wire, port)),
    ({ connection }) => Effect.sync(() => connection.end())
  ).pipe(
    Effect.map(({ client, connection }) => {
      connection.on("error", () => {})
      return (method: string, ...args: ReadonlyArray<unknown>) => Effect.tryPromise(() => client[method]!(...args))
    })
  )

const toInt64 = (value: bigint) =>
  new peer.Int64(Buffer.from(BigInt.asUintN(64, value).toString(16).padStart(16, "0"), "hex"))

const fromInt64 = (value: { readonly buffer: Buffer }): bigint => value.buffer.readBigInt64BE()

const peerLists = { ...lists, longs: lists.longs!.map(toInt64), bins: lists.bins!.map((bin) => Buffer.from(bin)) }

describe("Apache's client against our server", () => {
  for (const wire of wires) {
    live(
      nameOf(wire),
      Effect.gen(function* () {
        const { fired, port } = yield* serve
        const call = yield* connectPeer(wire, port)
        const failing = (method: string, ...args: ReadonlyArray<unknown>) =>
          Effect.map(Effect.flip(call(method, ...args)), (error) => error.cause)
        yield* call("ping")
        assert.strictEqual(yield* call("truth"), true)
        for (const s of texts) assert.strictEqual(yield* call("echo", s), s)
        const ids = yield* call("ids", edges.map(toInt64))
        assert.deepStrictEqual(ids.map(fromInt64), edges.toReversed())
        const sum = yield* call("many", -7, peerLists, true)
        assert.deepStrictEqual({ ...sum, l: fromInt64(sum.l) }, manySum)
        const boom = yield* failing("many", 1, peerLists, true)
        assert.isTrue(boom instanceof peer.Boom && boom.code === -1 && boom.message === "boom")
        const other = yield* failing("many", 2, peerLists, true)
        assert.isTrue(other instanceof peer.Other && other.p.i === 1)
        const nothing = yield* failing("nothing")
        assert.isTrue(nothing instanceof peer.Boom && nothing.code === 3)
        const crash = yield* failing("echo", "crash")
        assert.isTrue(crash instanceof peer.TApplicationException && crash.type === 6)
        const unknown = yield* failing("missing")
        assert.isTrue(unknown instanceof peer.TApplicationException && unknown.type === 1)
        yield* call("fire", "gone")
        assert.strictEqual(yield* Deferred.await(fired), "gone")
        const pipelined = yield* Effect.forEach(texts, (s) => call("echo", s), { concurrency: "unbounded" })
        assert.deepStrictEqual(pipelined, texts)
      })
    )
  }
})

/** Our client and our server, with all that a call can do on its way. */
import { assert, describe } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import * as Balancer from "../../src/balancing/Balancer.ts"
import * as P2c from "../../src/balancing/P2c.ts"
import * as Call from "../../src/Call.ts"
import * as CallOptions from "../../src/CallOptions.ts"
import * as Instance from "../../src/discovery/Instance.ts"
import * as Static from "../../src/discovery/Static.ts"
import * as GrpcClient from "../../src/grpc/GrpcClient.ts"
import type * as GrpcServer from "../../src/grpc/GrpcServer.ts"
import * as ServiceConfig from "../../src/grpc/ServiceConfig.ts"
import * as Metadata from "../../src/Metadata.ts"
import type * as Reply from "../../src/Reply.ts"
import * as ReplyMetadata from "../../src/ReplyMetadata.ts"
import { RpcError, StatusError } from "../../src/RpcError.ts"
import * as VolantLayer from "../../src/Layer.ts"
import * as Certificate from "../fixtures/Certificate.ts"
import { failure, fork, success } from "../fixtures/Connected.ts"
import { connect } from "../fixtures/GrpcConnected.ts"
import { type Ask, GrpcProbe, Refused } from "../fixtures/GrpcProbe.ts"
import { type Handlers, serve } from "../fixtures/GrpcServed.ts"
import { live, settled } from "../fixtures/ServedProbe.ts"

const start = (
  handlers: Handlers = {},
  client?: GrpcClient.Options,
  server?: GrpcServer.Options,
  middleware?: VolantLayer.Middleware
) =>
  Effect.gen(function* () {
    const listener = yield* serve(handlers, server)
    const connected = yield* connect(Instance.formatAddress(listener.address), client, middleware)
    return { listener, ...connected }
  })

const asks = (...texts: ReadonlyArray<string>): Stream.Stream<Ask> =>
  Stream.fromIterable(texts.map((text) => ({ text })))

const numbers = (count: number): ReadonlyArray<string> => Array.from({ length: count }, (_, i) => `${i}`)

describe("gRPC, both sides ours", () => {
  live(
    "the four kinds, plain and compressed",
    Effect.gen(function* () {
      for (const send of [[], ["gzip"], ["deflate"], ["zstd"]] as const) {
        const compression = { send: [...send], threshold: 0 }
        const { client, listener } = yield* start({}, { compression }, { compression })
        assert.strictEqual(yield* client.ask({ text: "é" }), "é")
        assert.strictEqual(yield* client.tell({ text: "x" }), undefined)
        assert.deepStrictEqual(yield* Stream.runCollect(client.list({ text: "a,b,c" })), ["a", "b", "c"])
        assert.strictEqual(yield* client.join(asks("a", "b", "c")), "a,b,c")
        assert.deepStrictEqual(yield* Stream.runCollect(client.chat(asks("a", "b", "c"))), ["a", "b", "c"])
        assert.strictEqual(yield* client.join(Stream.empty), "")
        assert.deepStrictEqual(yield* Stream.runCollect(client.chat(Stream.empty)), [])
        yield* settled(() => listener.inFlight() === 0)
        assert.strictEqual(listener.connections(), 1)
      }
    })
  )

  live(
    "large messages, each way, in each kind",
    Effect.gen(function* () {
      const { client } = yield* start()
      const large = "x".repeat(3_000_000)
      assert.isTrue((yield* client.ask({ text: large })) === large)
      assert.isTrue((yield* Stream.runCollect(client.list({ text: large })))[0] === large)
      assert.isTrue((yield* client.join(asks(large))) === large)
      assert.deepStrictEqual(
        (yield* Stream.runCollect(client.chat(asks(large, large)))).map((text) => text.length),
        [large.length, large.length]
      )
    })
  )

  live(
    "declared errors and statuses, in each kind",
    Effect.gen(function* () {
      const refuse = () => Effect.fail(new Refused({ why: "no" }))
      const status = () =>
        Effect.fail(new RpcError({ method: "", reason: new StatusError({ code: 7, detail: "not you" }) }))
      for (const fail of [refuse, status] as ReadonlyArray<() => Effect.Effect<never, Refused | RpcError>>) {
        const failing = () => Stream.concat(Stream.make("first"), Stream.fromEffect(fail()))
        const { client } = yield* start({ ask: fail, list: failing, join: fail, chat: failing })
        const seen: Array<string> = []
        const collect = (stream: Stream.Stream<string, unknown>) =>
          Stream.runForEach(stream, (text) => Effect.sync(() => seen.push(text)))
        for (const call of [
          client.ask({ text: "x" }),
          client.join(asks("x")),
          collect(client.list({ text: "x" })),
          collect(client.chat(asks("x")))
        ]) {
          const error = yield* Effect.flip(call as Effect.Effect<unknown, unknown>)
          if (fail === refuse)
            assert.deepStrictEqual([(error as Refused)._tag, (error as Refused).why], ["Refused", "no"])
          else assert.deepStrictEqual((error as { reason?: { detail: string } }).reason?.detail, "not you")
        }
        assert.deepStrictEqual(seen, ["first", "first"])
      }
    })
  )

  live(
    "metadata, trailers and metainfo, there and back, of a stream too",
    Effect.gen(function* () {
      const replies: Array<Reply.Reply> = []
      const recording = VolantLayer.middleware(
        (inner) => (call) => Effect.tap(inner(call), (reply) => Effect.sync(() => replies.push(reply)))
      )
      const answer = Effect.gen(function* () {
        const call = yield* Call.Current
        yield* ReplyMetadata.append("zone", call!.metainfo.persistent.get("ZONE") ?? "none")
        yield* ReplyMetadata.appendTrailer("cost-bin", Uint8Array.of(1, 2))
        yield* ReplyMetadata.setBackward("FROM", "server")
        return String(Metadata.get(call!.metadata, "who"))
      })
      const { client } = yield* start(
        { ask: () => answer, list: () => Stream.fromEffect(answer) },
        undefined,
        undefined,
        recording
      )
      const options = <A, E, R>(call: Effect.Effect<A, E, R>) =>
        call.pipe(CallOptions.withMetadata("who", "me"), CallOptions.withPersistent("ZONE", "a"))
      assert.strictEqual(yield* options(client.ask({ text: "x" })), "me")
      assert.deepStrictEqual(yield* options(Stream.runCollect(client.list({ text: "x" }))), ["me"])
      assert.strictEqual(replies.length, 2)
      for (const reply of replies) {
        assert.strictEqual(Metadata.get(reply.metadata, "zone"), "a")
        assert.deepStrictEqual(Metadata.get(reply.trailers, "cost-bin"), Uint8Array.of(1, 2))
        assert.strictEqual(reply.backward.get("FROM"), "server")
      }
    })
  )

  live(
    "an interrupted client interrupts the handler, in each kind; so does a deadline",
    Effect.gen(function* () {
      let running = 0
      let interrupted = 0
      const forever = Effect.suspend(() => {
        running++
        return Effect.onInterrupt(Effect.never, () => Effect.sync(() => interrupted++))
      })
      const hanging = () => Stream.fromEffect(forever)
      const { client, listener } = yield* start({
        ask: () => forever,
        list: hanging,
        join: () => forever,
        chat: hanging
      })
      const calls: ReadonlyArray<Effect.Effect<unknown, unknown>> = [
        client.ask({ text: "x" }),
        client.join(Stream.concat(asks("x"), Stream.never)),
        Stream.runDrain(client.list({ text: "x" })),
        Stream.runDrain(client.chat(Stream.concat(asks("x"), Stream.never)))
      ]
      for (const call of calls) {
        const before = running
        const fiber = yield* Effect.forkChild(call, { startImmediately: true })
        yield* settled(() => running > before)
        yield* Fiber.interrupt(fiber)
        yield* settled(() => interrupted === running && listener.inFlight() === 0)
        const late = failure(yield* Effect.exit(call.pipe(CallOptions.withTimeout("30 millis"))))
        assert.strictEqual(late.reason._tag, "DeadlineExceeded")
        yield* settled(() => interrupted === running && listener.inFlight() === 0)
      }
      // On a busy machine a deadline may pass before the server has seen the call.
      assert.isAtLeast(interrupted, 4)
    })
  )

  live(
    "a slow reader stops the server's stream, a slow server the client's",
    Effect.gen(function* () {
      let produced = 0
      const text = "y".repeat(10_000)
      const produce = (count: number) => Stream.map(Stream.rechunk(Stream.range(1, count), 1), () => (produced++, text))
      const gate = yield* Deferred.make<void>()
      const { client } = yield* start({
        list: () => produce(1000),
        join: (requests) =>
          Effect.andThen(
            Deferred.await(gate),
            Effect.map(
              Stream.runFold(
                requests,
                () => 0,
                (count) => count + 1
              ),
              String
            )
          )
      })
      const pause = yield* Deferred.make<void>()
      let read = 0
      const reading = yield* fork(
        Stream.runForEachArray(client.list({ text: "" }), (array) => {
          read += array.length
          return Deferred.await(pause)
        })
      )
      const stable = (): Effect.Effect<void> =>
        Effect.gen(function* () {
          for (let last = -1; last !== produced;) {
            last = produced
            for (let i = 0; i < 30; i++)
              yield* Effect.promise(() => new Promise<void>((resolve) => setImmediate(resolve)))
          }
        })
      yield* settled(() => read > 0)
      yield* stable()
      assert.isBelow(produced, 200, "what windows, sockets and one array hold")
      yield* Deferred.succeed(pause, undefined)
      yield* success(reading)
      assert.deepStrictEqual([read, produced], [1000, 1000])
      produced = 0
      const sending = yield* fork(client.join(Stream.map(produce(1000), (text) => ({ text }))))
      yield* settled(() => produced > 0)
      yield* stable()
      assert.isBelow(produced, 200)
      yield* Deferred.succeed(gate, undefined)
      assert.strictEqual(yield* success(sending), "1000")
    })
  )

  live(
    "10,000 streams over one connection, side by side and one after the other",
    Effect.gen(function* () {
      const gate = yield* Deferred.make<void>()
      const { client, link, listener } = yield* start(
        { list: ({ text }) => Stream.fromEffect(Effect.as(Deferred.await(gate), text)) },
        undefined,
        { maxConcurrentStreams: 20_000 }
      )
      const all = numbers(10_000)
      const running = yield* fork(
        Effect.forEach(all, (text) => Stream.runCollect(client.list({ text })), { concurrency: "unbounded" })
      )
      yield* settled(() => listener.inFlight() === all.length)
      yield* Deferred.succeed(gate, undefined)
      assert.deepStrictEqual(
        yield* success(running),
        all.map((text) => [text])
      )
      for (const text of numbers(2000)) assert.strictEqual(yield* client.ask({ text }), text)
      yield* settled(() => listener.inFlight() === 0)
      assert.strictEqual(link.inFlight(), 0)
      assert.strictEqual(listener.connections(), 1)
    })
  )

  live(
    "TLS: the certificate has to name the address that was dialled, or the name that the options say",
    Effect.gen(function* () {
      const authority = Certificate.make("authority")
      const dial = Effect.fnUntraced(function* (certified: string, servername?: string) {
        const { cert, key } = Certificate.make("server", authority, [certified])
        const listener = yield* serve({ ask: () => Effect.succeed("hello") }, { tls: { cert, key } })
        const address = Instance.formatAddress(listener.address)
        const tls = { ca: authority.cert, servername }
        const { client } = yield* connect(address, { tls })
        return yield* Effect.exit(client.ask({ text: "x" }))
      })
      assert.deepStrictEqual(yield* dial("127.0.0.1"), Exit.succeed("hello"))
      assert.include(failure(yield* dial("localhost")).message, "127.0.0.1 is not in the cert's list")
      assert.deepStrictEqual(yield* dial("localhost", "localhost"), Exit.succeed("hello"))
      const plain = yield* serve({ ask: () => Effect.succeed("hello") })
      const { client } = yield* connect(Instance.formatAddress(plain.address), { tls: {} })
      assert.include(failure(yield* Effect.exit(client.ask({ text: "x" }))).message, "the peer does not speak TLS")
      assert.include(failure(yield* dial("127.0.0.1", "localhost")).message, "does not match certificate's altnames")
    })
  )

  live(
    "TLS and mutual TLS; a server that nobody vouches for is not talked to",
    Effect.gen(function* () {
      const authority = Certificate.make("authority")
      const own = Certificate.make("server", authority)
      const mine = Certificate.make("client", authority)
      const listener = yield* serve(
        { ask: () => Effect.map(Call.Current, (call) => call?.identity?.commonName ?? "nobody") },
        { tls: { key: own.key, cert: own.cert, ca: authority.cert, requestCert: true, rejectUnauthorized: false } }
      )
      const address = Instance.formatAddress(listener.address)
      const trusting = yield* connect(address, { tls: { ca: authority.cert } })
      assert.strictEqual(yield* trusting.client.ask({ text: "x" }), "nobody")
      const known = yield* connect(address, { tls: { ca: authority.cert, key: mine.key, cert: mine.cert } })
      assert.strictEqual(yield* known.client.ask({ text: "x" }), "client")
      const strict = yield* connect(address, { tls: {} })
      const { reason } = failure(yield* Effect.exit(strict.client.ask({ text: "x" })))
      assert.isTrue(reason._tag === "Unavailable" && reason.unsent, reason.message)
      assert.include(reason.message, "TLS")
      const plain = yield* connect(address, { connectTimeout: "1 second" })
      const refused = failure(yield* Effect.exit(plain.client.ask({ text: "x" }))).reason
      assert.isTrue(refused._tag === "Unavailable" && refused.unsent, refused.message)
    })
  )

  live(
    "through a balancer and a service config: a failing instance is left for another",
    Effect.gen(function* () {
      let failed = 0
      const bad = yield* serve({
        ask: () =>
          Effect.suspend(() => {
            failed++
            return Effect.fail(new RpcError({ method: "", reason: new StatusError({ code: 14, detail: "busy" }) }))
          })
      })
      const good = yield* serve()
      const config = ServiceConfig.parseUnsafe({
        loadBalancingConfig: [{ round_robin: {} }],
        methodConfig: [
          {
            name: [{ service: "test.Probe" }],
            timeout: "5s",
            retryPolicy: {
              maxAttempts: 4,
              initialBackoff: "0.001s",
              maxBackoff: "0.01s",
              backoffMultiplier: 2,
              retryableStatusCodes: ["UNAVAILABLE"]
            }
          }
        ]
      })
      const client = GrpcProbe.client.pipe(
        Layer.provide(ServiceConfig.layer(config)),
        Layer.provide(Balancer.layer("probe", ServiceConfig.policy(config, P2c.policy))),
        Layer.provide(
          Static.layer({ probe: [Instance.formatAddress(bad.address), Instance.formatAddress(good.address)] })
        ),
        Layer.provide(GrpcClient.layer())
      )
      const probe = Context.get(yield* Layer.build(client), GrpcProbe)
      for (const text of numbers(20)) assert.strictEqual(yield* probe.ask({ text }), text)
      assert.isAtLeast(failed, 5)
    })
  )

  live(
    "a reply whose stream nobody reads is given up with the fiber that asked for it",
    Effect.gen(function* () {
      const dropping = VolantLayer.middleware(
        (inner) => (call) => Effect.map(inner(call), (reply) => ({ ...reply, result: Result.succeed(Stream.empty) }))
      )
      const { client, link, listener } = yield* start(
        { list: () => Stream.concat(Stream.make("a"), Stream.never) },
        undefined,
        undefined,
        dropping
      )
      const fiber = yield* fork(Stream.runCollect(client.list({ text: "x" })))
      assert.deepStrictEqual(yield* success(fiber), [])
      yield* settled(() => link.inFlight() === 0 && listener.inFlight() === 0)
    })
  )
})

/** Our client of gRPC-Web and our server, in both versions of HTTP and both formats; and responses that are broken at random. */
import type { Socket } from "node:net"
import { assert, describe } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Queue from "effect/Queue"
import * as Stream from "effect/Stream"
import * as Balancer from "../../src/balancing/Balancer.ts"
import * as RoundRobin from "../../src/balancing/RoundRobin.ts"
import * as CallOptions from "../../src/CallOptions.ts"
import * as Instance from "../../src/discovery/Instance.ts"
import * as Static from "../../src/discovery/Static.ts"
import * as GrpcWebClient from "../../src/grpc/GrpcWebClient.ts"
import * as VolantLayer from "../../src/Layer.ts"
import * as Retry from "../../src/resilience/Retry.ts"
import * as Timeout from "../../src/resilience/Timeout.ts"
import { isRpcError } from "../../src/RpcError.ts"
import { failure } from "../fixtures/Connected.ts"
import { connectBy } from "../fixtures/GrpcConnected.ts"
import { message } from "../fixtures/GrpcPeer.ts"
import { type Ask, GrpcProbe, Refused } from "../fixtures/GrpcProbe.ts"
import { type Handlers, serve } from "../fixtures/GrpcServed.ts"
import { live, settled } from "../fixtures/ServedProbe.ts"
import * as WebPeer from "../fixtures/WebPeer.ts"

const asks = (...texts: ReadonlyArray<string>): Stream.Stream<Ask> =>
  Stream.fromIterable(texts.map((text) => ({ text })))

const ways = [
  { http: "1.1", format: "binary" },
  { http: "1.1", format: "text" },
  { http: "2", format: "binary" },
  { http: "2", format: "text" }
] as const

for (const way of ways) {
  const start = (handlers: Handlers = {}, options?: GrpcWebClient.Options) =>
    Effect.gen(function* () {
      const compression = { send: ["gzip" as const], threshold: 1000 }
      const listener = yield* serve(handlers, { web: { origins: "*" }, compression })
      const address = Instance.formatAddress(listener.address)
      return { listener, ...(yield* connectBy(GrpcWebClient.layer({ ...way, ...options }), address)) }
    })

  describe(`gRPC-Web, both sides ours, HTTP/${way.http}, ${way.format}`, () => {
    live(
      "the four kinds, plain and compressed, small and large",
      Effect.gen(function* () {
        for (const send of [[], ["zstd"]] as const) {
          const { client, link, listener } = yield* start({}, { compression: { send: [...send], threshold: 0 } })
          for (const text of ["", "é", "x".repeat(1_000_000)]) {
            assert.isTrue((yield* client.ask({ text })) === text)
            assert.strictEqual(yield* client.tell({ text }), undefined)
            assert.isTrue((yield* client.join(asks(text, "b"))) === `${text},b`)
            assert.isTrue((yield* Stream.runCollect(client.list({ text: `${text},b` }))).join() === `${text},b`)
            assert.isTrue((yield* Stream.runCollect(client.chat(asks(text, "b", text)))).join() === `${text},b,${text}`)
          }
          assert.strictEqual(yield* client.join(Stream.empty), "")
          assert.deepStrictEqual(yield* Stream.runCollect(client.chat(Stream.empty)), [])
          yield* settled(() => listener.inFlight() === 0)
          assert.strictEqual(link.inFlight(), 0)
        }
      })
    )

    live(
      "each side hears the other in turn",
      Effect.gen(function* () {
        const { client } = yield* start()
        const queue = yield* Queue.unbounded<Ask, Cause.Done>()
        Queue.offerUnsafe(queue, { text: "0" })
        const seen: Array<string> = []
        yield* Stream.runForEach(client.chat(Stream.fromQueue(queue)), (text) =>
          Effect.suspend(() => {
            seen.push(text)
            return seen.length < 5 ? Queue.offer(queue, { text: `${seen.length}` }) : Queue.end(queue)
          })
        )
        assert.deepStrictEqual(seen, ["0", "1", "2", "3", "4"])
      })
    )

    live(
      "declared errors, in each kind, and behind messages",
      Effect.gen(function* () {
        const refuse = () => Effect.fail(new Refused({ why: "né" }))
        const failing = () => Stream.concat(Stream.make("first"), Stream.fromEffect(refuse()))
        const { client } = yield* start({ ask: refuse, join: refuse, list: failing, chat: failing })
        const seen: Array<string> = []
        const collect = (stream: Stream.Stream<string, unknown>) =>
          Stream.runForEach(stream, (text) => Effect.sync(() => seen.push(text)))
        for (const call of [
          client.ask({ text: "x" }),
          client.join(asks("x")),
          collect(client.list({ text: "x" })),
          collect(client.chat(asks("x")))
        ] as ReadonlyArray<Effect.Effect<unknown, unknown>>) {
          const error = (yield* Effect.flip(call)) as Refused
          assert.deepStrictEqual([error._tag, error.why], ["Refused", "né"])
        }
        assert.deepStrictEqual(seen, ["first", "first"])
      })
    )

    live(
      "an interruption and a deadline end the handler",
      Effect.gen(function* () {
        let interrupted = 0
        let running = 0
        const forever = Effect.suspend(() => {
          running++
          return Effect.onInterrupt(Effect.never, () => Effect.sync(() => interrupted++))
        })
        const hanging = () => Stream.fromEffect(forever)
        const { client, link, listener } = yield* start({ ask: () => forever, list: hanging, chat: hanging })
        for (const call of [
          client.ask({ text: "x" }),
          Stream.runDrain(client.list({ text: "x" })),
          Stream.runDrain(client.chat(Stream.concat(asks("x"), Stream.never)))
        ] as ReadonlyArray<Effect.Effect<unknown, unknown>>) {
          const before = running
          const fiber = yield* Effect.forkChild(call, { startImmediately: true })
          yield* settled(() => running > before)
          yield* Fiber.interrupt(fiber)
          yield* settled(() => interrupted === running && listener.inFlight() === 0)
          const late = failure(yield* Effect.exit(call.pipe(CallOptions.withTimeout("40 millis"))))
          assert.strictEqual(late.reason._tag, "DeadlineExceeded")
          yield* settled(() => interrupted === running && listener.inFlight() === 0 && link.inFlight() === 0)
        }
      })
    )

    live(
      "through middleware and a balancer: an instance that is gone is left for another",
      Effect.gen(function* () {
        const good = yield* serve({}, { web: { origins: "*" } })
        const gone = yield* WebPeer.raw((socket) => void socket.destroy())
        gone.stop()
        const probe = GrpcProbe.client.pipe(
          Layer.provide(VolantLayer.stack([Timeout.layer("10 seconds"), Retry.layer(Retry.standard)])),
          Layer.provide(Balancer.layer("probe", RoundRobin.policy)),
          Layer.provide(Static.layer({ probe: [gone.address, Instance.formatAddress(good.address)] })),
          Layer.provide(GrpcWebClient.layer(way))
        )
        const client = Context.get(yield* Layer.build(probe), GrpcProbe)
        for (let i = 0; i < 10; i++) assert.strictEqual(yield* client.ask({ text: `${i}` }), `${i}`)
      })
    )
  })
}

/** mulberry32 */
const randomOf = (seed: number) => {
  let state = seed
  return (below: number): number => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) % below
  }
}

const mutate = (random: (below: number) => number, bytes: Buffer): Buffer => {
  let mutated = Buffer.from(bytes)
  for (let count = 1 + random(3); count > 0; count--) {
    const at = random(mutated.length)
    const kind = random(4)
    if (kind === 0) mutated[at] = random(256)
    else if (kind === 1) mutated = mutated.subarray(0, at)
    else if (kind === 2) mutated = Buffer.concat([mutated.subarray(0, at), mutated.subarray(at + random(8))])
    else
      mutated = Buffer.concat([mutated.subarray(0, at), Buffer.from([random(256), random(256)]), mutated.subarray(at)])
    if (mutated.length === 0) return mutated
  }
  return mutated
}

const count = Math.min(5000, Number(process.env["VOLANT_FUZZ"] ?? 600))

describe("GrpcWebClient, fuzzed", () => {
  for (const format of ["binary", "text"] as const) {
    live(
      `whatever a peer answers, ${format}: an end, in one piece or an RpcError`,
      Effect.gen(function* () {
        const random = randomOf(Number(process.env["VOLANT_SEED"] ?? 7))
        const type = `content-type: application/grpc-web${format === "text" ? "-text" : ""}+proto\r\n`
        const body = Buffer.concat([
          message("one"),
          message("two"),
          WebPeer.trailers("grpc-status: 0\r\ngrpc-message: \r\nmore: x\r\n")
        ])
        const encoded = format === "text" ? Buffer.from(body.toString("base64")) : body
        const whole = WebPeer.response(encoded, type)
        const answer = (socket: Socket): void => {
          // Sometimes only the body is broken, so that it is read at all.
          const bytes = random(2) === 0 ? mutate(random, whole) : WebPeer.response(mutate(random, encoded), type)
          for (let at = 0; at < bytes.length;) {
            const size = 1 + random(bytes.length)
            socket.write(bytes.subarray(at, at + size))
            at += size
          }
          socket.end()
        }
        const peer = yield* WebPeer.raw((socket) => void socket.once("data", () => answer(socket)))
        const layer = GrpcWebClient.layer({ http: "1.1", format, reconnect: { initial: 0 } })
        const { client, link } = yield* connectBy(layer, peer.address)
        let good = 0
        const one = Effect.gen(function* () {
          const exit = yield* Effect.exit(Stream.runCollect(client.list({ text: "x" })))
          if (Exit.isSuccess(exit)) return void good++
          const error = exit.cause.reasons[0]
          assert.isTrue(error?._tag === "Fail" && isRpcError(error.error), Cause.pretty(exit.cause))
        })
        yield* Effect.forEach(Array.from({ length: count }), () => one, { concurrency: 8, discard: true })
        assert.strictEqual(link.inFlight(), 0)
        assert.isAbove(good, 0)
        assert.isAbove(peer.sockets.length, count / 2, "most are really made")
        yield* settled(() => peer.sockets.every((socket) => socket.destroyed))
      })
    )
  }
})

/** Our client of gRPC-Web and connect-node, which is none of ours, in both versions of HTTP, with and without TLS. */
import { create } from "@bufbuild/protobuf"
import { anyPack, StringValueSchema } from "@bufbuild/protobuf/wkt"
import { Code, ConnectError, type HandlerContext } from "@connectrpc/connect"
import { assert, describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import * as CallOptions from "../../src/CallOptions.ts"
import * as GrpcClient from "../../src/grpc/GrpcClient.ts"
import * as GrpcWebClient from "../../src/grpc/GrpcWebClient.ts"
import * as Layer from "../../src/Layer.ts"
import * as Metadata from "../../src/Metadata.ts"
import type * as Reply from "../../src/Reply.ts"
import * as Certificate from "../fixtures/Certificate.ts"
import { failure, live } from "../fixtures/Connected.ts"
import { connectBy } from "../fixtures/GrpcConnected.ts"
import type { Ask } from "../fixtures/GrpcProbe.ts"
import { settled } from "../fixtures/ServedProbe.ts"
import * as WebPeer from "../fixtures/WebPeer.ts"

const authority = Certificate.make("authority")
const own = Certificate.make("server", authority)

const echo = {
  ask: ({ text }: Ask) => ({ text }),
  async *list({ text }: Ask) {
    for (const part of text.split(",")) yield { text: part }
  },
  async join(requests: AsyncIterable<Ask>) {
    const texts: Array<string> = []
    for await (const { text } of requests) texts.push(text)
    return { text: texts.join(",") }
  },
  async *chat(requests: AsyncIterable<Ask>) {
    for await (const { text } of requests) yield { text }
  }
}

const ways = [
  { http: "1.1", isSecure: false },
  { http: "1.1", isSecure: true },
  { http: "2", isSecure: false },
  { http: "2", isSecure: true }
] as const

const asks = (...texts: ReadonlyArray<string>): Stream.Stream<Ask> =>
  Stream.fromIterable(texts.map((text) => ({ text })))

for (const { http, isSecure } of ways) {
  // connect-node answers with 505 otherwise.
  const hasBidi = http === "2"
  const start = (
    handlers: Record<string, unknown> = {},
    options?: GrpcWebClient.Options,
    middleware?: Layer.Middleware
  ) =>
    Effect.gen(function* () {
      const peer = yield* WebPeer.connectNode({ http, tls: isSecure ? own : undefined }, { ...echo, ...handlers })
      const tls = isSecure ? { ca: authority.cert } : undefined
      const layer = GrpcWebClient.layer({ http, ...(tls === undefined ? {} : { tls }), ...options })
      return { peer, ...(yield* connectBy(layer, peer.address, middleware)) }
    })

  describe(`GrpcWebClient and connect-node, HTTP/${http}${isSecure ? " over TLS" : ""}`, () => {
    live(
      "the four kinds, plain and compressed",
      Effect.gen(function* () {
        const long = "x".repeat(5000)
        for (const send of [[], ["gzip"]] as const) {
          const { client, peer } = yield* start({}, { compression: { send: [...send], threshold: 0 } })
          assert.strictEqual(yield* client.ask({ text: "é" }), "é")
          assert.strictEqual(yield* client.ask({ text: long }), long)
          assert.deepStrictEqual(yield* Stream.runCollect(client.list({ text: "a,b,c" })), ["a", "b", "c"])
          assert.strictEqual(yield* client.join(asks("a", long, "c")), `a,${long},c`)
          assert.strictEqual(yield* client.join(Stream.empty), "")
          if (hasBidi) {
            assert.deepStrictEqual(yield* Stream.runCollect(client.chat(asks("a", "b", long))), ["a", "b", long])
            assert.deepStrictEqual(yield* Stream.runCollect(client.chat(Stream.empty)), [])
          }
          assert.strictEqual(peer.sockets.length, 1, "one after the other, calls share a connection")
        }
      })
    )

    live(
      "large messages, each way",
      Effect.gen(function* () {
        const { client } = yield* start()
        const large = "x".repeat(3_000_000)
        assert.isTrue((yield* client.ask({ text: large })) === large)
        assert.isTrue((yield* client.join(asks(large, "y"))) === `${large},y`)
        assert.isTrue((yield* Stream.runCollect(client.list({ text: large })))[0] === large)
        if (!hasBidi) return
        const all = yield* Stream.runCollect(client.chat(asks(large, large)))
        assert.deepStrictEqual(
          all.map((text) => text.length),
          [large.length, large.length]
        )
      })
    )

    live(
      "metadata both ways, and a status with its message and details",
      Effect.gen(function* () {
        const replies: Array<Reply.Reply> = []
        const record = Layer.middleware(
          (inner) => (call) => Effect.tap(inner(call), (reply) => Effect.sync(() => replies.push(reply)))
        )
        const handlers = {
          ask: ({ text }: Ask, { requestHeader, responseHeader, responseTrailer }: HandlerContext) => {
            responseHeader.set("zone", requestHeader.get("who") ?? "")
            responseTrailer.set("cost-bin", "AQI")
            if (text === "") throw new ConnectError("nothing: \u00e9%", Code.InvalidArgument, { more: "1" })
            return { text: requestHeader.get("proof-bin") ?? "" }
          },
          async *list(_: Ask) {
            yield { text: "first" }
            throw new ConnectError("late", Code.NotFound, undefined, [
              { desc: StringValueSchema, value: { value: "detail" } }
            ])
          }
        }
        const { client } = yield* start(handlers, undefined, record)
        const withMetadata = <A, E, R>(self: Effect.Effect<A, E, R>) =>
          self.pipe(CallOptions.withMetadata("who", "me"), CallOptions.withMetadata("proof-bin", Uint8Array.of(255, 0)))
        assert.strictEqual(yield* withMetadata(client.ask({ text: "x" })), "/wA")
        assert.strictEqual(Metadata.get(replies[0]!.metadata, "zone"), "me")
        assert.deepStrictEqual(Metadata.get(replies[0]!.trailers, "cost-bin"), Uint8Array.of(1, 2))
        const refused = failure(yield* Effect.exit(client.ask({ text: "" })))
        assert.strictEqual(refused.reason._tag, "StatusError")
        if (refused.reason._tag === "StatusError") {
          assert.deepStrictEqual([refused.reason.code, refused.reason.detail], [3, "nothing: \u00e9%"])
        }
        assert.strictEqual(Metadata.get(GrpcClient.trailers(refused), "more"), "1")
        const seen: Array<string> = []
        const late = yield* Effect.flip(
          Stream.runForEach(client.list({ text: "x" }), (text) => Effect.sync(() => seen.push(text)))
        )
        assert.deepStrictEqual(seen, ["first"])
        const { reason } = failure(yield* Effect.exit(Effect.fail(late)))
        assert.isTrue(reason._tag === "StatusError" && reason.code === 5)
        const packed = anyPack(StringValueSchema, create(StringValueSchema, { value: "detail" }))
        if (reason._tag === "StatusError") {
          assert.strictEqual(reason.details?.length, 1)
          assert.deepStrictEqual(Buffer.from(reason.details![0]!.value), Buffer.from(packed.value))
        }
      })
    )

    live(
      "an interruption and a deadline reach the handler, in each kind",
      Effect.gen(function* () {
        let running = 0
        let aborted = 0
        const hang = (_: unknown, { signal }: HandlerContext) => {
          running++
          return new Promise<never>(() => signal.addEventListener("abort", () => aborted++))
        }
        async function* hanging(request: unknown, context: HandlerContext) {
          yield await hang(request, context)
        }
        const { client, link } = yield* start({ ask: hang, join: hang, list: hanging, chat: hanging })
        const endless = Stream.concat(asks("x"), Stream.never)
        for (const call of [
          client.ask({ text: "x" }),
          client.join(endless),
          Stream.runDrain(client.list({ text: "x" })),
          ...(hasBidi ? [Stream.runDrain(client.chat(endless))] : [])
        ] as ReadonlyArray<Effect.Effect<unknown, unknown>>) {
          const before = running
          const fiber = yield* Effect.forkChild(call, { startImmediately: true })
          yield* settled(() => running > before)
          yield* Fiber.interrupt(fiber)
          yield* settled(() => aborted === running)
          const late = failure(yield* Effect.exit(call.pipe(CallOptions.withTimeout("50 millis"))))
          assert.strictEqual(late.reason._tag, "DeadlineExceeded")
          yield* settled(() => aborted === running && link.inFlight() === 0)
        }
      })
    )

    live(
      "many calls side by side",
      Effect.gen(function* () {
        const { client, peer } = yield* start({}, { pool: { maxConnections: 5 } })
        const texts = Array.from({ length: 200 }, (_, i) => `${i}`)
        const replies = yield* Effect.forEach(texts, (text) => client.ask({ text }), { concurrency: "unbounded" })
        assert.deepStrictEqual(replies, texts)
        assert.strictEqual(peer.sockets.length, http === "2" ? 1 : 5)
      })
    )
  })
}

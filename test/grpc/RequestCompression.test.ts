import * as Zlib from "node:zlib"
import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as GrpcClient from "../../src/grpc/GrpcClient.ts"
import * as ReplyCompression from "../../src/grpc/ReplyCompression.ts"
import * as RequestCompression from "../../src/grpc/RequestCompression.ts"
import { fork, success } from "../fixtures/Connected.ts"
import { connect as connectOurs } from "../fixtures/GrpcConnected.ts"
import * as GrpcPeer from "../fixtures/GrpcPeer.ts"
import { type Ask } from "../fixtures/GrpcProbe.ts"
import { ask, connect, split, status } from "../fixtures/GrpcRaw.ts"
import { live, portOf, promise, serve } from "../fixtures/GrpcServed.ts"

const seen = Effect.map(RequestCompression.isCompressed, String)

const noteEach = (asks: Stream.Stream<Ask, any>) =>
  Stream.mapEffect(asks, ({ text }) => Effect.map(seen, (flag) => `${text} ${flag}`))

/** The message, compressed, as it stands in a request. */
const packed = (text: string): Buffer => GrpcPeer.frame(Zlib.gzipSync(split(ask(text))[0]![1]), true)

const compressed = { "grpc-encoding": "gzip" }

live(
  "a handler sees whether the one message of its request came compressed",
  Effect.gen(function* () {
    const listener = yield* serve({ ask: () => seen, list: () => Stream.fromEffect(seen) })
    const raw = yield* connect(`http://127.0.0.1:${portOf(listener)}`)
    for (const method of ["ask", "list"]) {
      for (const [body, flag] of [
        [ask("x"), "false"],
        [packed("x"), "true"]
      ] as const) {
        const answer = yield* promise(() => raw.call(`/test.Probe/${method}`, body, compressed))
        assert.strictEqual(status(answer), 0)
        assert.isTrue(answer.body.equals(ask(flag)), `${method} ${flag}`)
      }
    }
    assert.isFalse(yield* RequestCompression.isCompressed)
  })
)

live(
  "a handler sees it of each message of a stream, also of those that came at once",
  Effect.gen(function* () {
    const arrays: Array<number> = []
    const counted = (asks: Stream.Stream<Ask, any>) =>
      noteEach(Stream.mapArray(asks, (all) => (arrays.push(all.length), all)))
    const listener = yield* serve({
      chat: counted,
      join: (asks) => Effect.map(Stream.runCollect(counted(asks)), (all) => all.join())
    })
    const raw = yield* connect(`http://127.0.0.1:${portOf(listener)}`)
    const body = Buffer.concat([ask("a"), ask("b"), packed("c"), packed("d"), ask("e"), packed("f")])
    const expected = ["a false", "b false", "c true", "d true", "e false", "f true"]
    const joined = yield* promise(() => raw.call("/test.Probe/join", body, compressed))
    assert.isTrue(joined.body.equals(ask(expected.join())))
    const chatted = yield* promise(() => raw.call("/test.Probe/chat", body, compressed))
    assert.isTrue(chatted.body.equals(Buffer.concat(expected.map((text) => ask(text)))))
    assert.deepStrictEqual(arrays, [2, 2, 1, 1, 2, 2, 1, 1])
  })
)

live(
  "a client's stream of requests chooses for each message, in an encoding",
  Effect.gen(function* () {
    const peer = yield* GrpcPeer.make()
    const { client } = yield* connectOurs(peer.address, { compression: { threshold: 0 } })
    const asks = Stream.mapEffect(Stream.make("a", "-b", "-c", "d"), (text) =>
      Effect.as(RequestCompression.set(!text.startsWith("-")), { text })
    )
    const cases: ReadonlyArray<readonly ["gzip" | "identity", Array<boolean>]> = [
      ["gzip", [true, false, false, true]],
      ["identity", [false, false, false, false]]
    ]
    for (const [encoding, flags] of cases) {
      const fiber = yield* fork(client.join(asks).pipe(GrpcClient.withCompression(encoding)))
      const asked = yield* peer.next
      yield* asked.ended
      assert.strictEqual(asked.headers["grpc-encoding"], encoding === "gzip" ? "gzip" : undefined)
      const sent = split(asked.received)
      assert.deepStrictEqual(
        sent.map(([flag]) => flag),
        flags
      )
      const texts = sent.map(([flag, bytes]) => (flag ? Zlib.gunzipSync(bytes) : bytes))
      assert.isTrue(
        Buffer.concat(texts.map((bytes) => GrpcPeer.frame(bytes))).equals(
          Buffer.concat(["a", "-b", "-c", "d"].map(ask))
        )
      )
      asked.reply("ok")
      assert.strictEqual(yield* success(fiber), "ok")
    }
  })
)

live(
  "a handler's stream chooses for each message, and a client's choice is not the choice of a server's answer",
  Effect.gen(function* () {
    const listener = yield* serve(
      {
        list: ({ text }) =>
          Stream.mapEffect(Stream.fromIterable(text.split(",")), (part) =>
            Effect.as(Effect.andThen(RequestCompression.set(false), ReplyCompression.set(!part.startsWith("-"))), part)
          )
      },
      { compression: { send: ["gzip"], threshold: 0 } }
    )
    const raw = yield* connect(`http://127.0.0.1:${portOf(listener)}`)
    const answer = yield* promise(() => raw.call("/test.Probe/list", ask("a,-b,c"), { "grpc-accept-encoding": "gzip" }))
    assert.strictEqual(status(answer), 0)
    assert.deepStrictEqual(
      split(answer.body).map(([flag]) => flag),
      [true, false, true]
    )
  })
)

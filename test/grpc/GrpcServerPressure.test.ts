/** Back-pressure of a gRPC server, with a client that sends as fast as it may, or reads nothing. */
import * as Http2 from "node:http2"
import * as Zlib from "node:zlib"
import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type * as GrpcServer from "../../src/grpc/GrpcServer.ts"
import { frame } from "../fixtures/GrpcPeer.ts"
import { answerOf, ask, connect, status } from "../fixtures/GrpcRaw.ts"
import { type Handlers, live, portOf, promise, serve, settled } from "../fixtures/GrpcServed.ts"
import { turn } from "../fixtures/ServedProbe.ts"

const start = (own?: Handlers, options?: GrpcServer.Options) =>
  Effect.gen(function* () {
    const listener = yield* serve(own, options)
    return { listener, raw: yield* connect(`http://127.0.0.1:${portOf(listener)}`) }
  })

live(
  "small messages that inflate to large ones hold their sender back until they are opened",
  Effect.gen(function* () {
    let sent = 0
    let pulled = 0
    let ahead = 0
    let most = 0
    const { raw } = yield* start(
      {
        join: (asks) =>
          Effect.as(
            Stream.runForEachArray(asks, (all) => {
              pulled += all.length
              most = Math.max(most, all.length)
              ahead = Math.max(ahead, sent - pulled)
              return Effect.andThen(turn, turn)
            }),
            "done"
          )
      },
      { maxReceiveMessageSize: 2000, http2: { streamWindow: 65_536 } }
    )
    const stream = raw.request("/test.Probe/join", { "grpc-encoding": "gzip" })
    const answer = answerOf(stream)
    const message = frame(
      Zlib.gzipSync(Buffer.concat([Buffer.from([0x0a, 0xdc, 0x0b]), Buffer.alloc(1500, "x")])),
      true
    )
    const count = 15_000
    for (let i = 0; i < count; i++) stream.write(message, () => sent++)
    stream.end()
    assert.strictEqual(status(yield* promise(() => answer)), 0)
    assert.strictEqual(pulled, count)
    assert.strictEqual(most, 2, "of messages that are compressed one limit's worth is open at a time")
    assert.isBelow(ahead * message.length, 200_000)
  })
)

live(
  "a sender is held back by a handler that does not pull",
  Effect.gen(function* () {
    let pulled = 0
    let goOn: (() => void) | undefined
    const gate = new Promise<void>((resolve) => (goOn = resolve))
    const { raw } = yield* start({
      join: (asks) =>
        Effect.andThen(
          Effect.promise(() => gate),
          Effect.map(
            Stream.runForEachArray(asks, (all) => Effect.sync(() => (pulled += all.length))),
            () => "done"
          )
        )
    })
    const stream = raw.request("/test.Probe/join")
    const answer = answerOf(stream)
    const message = ask("x".repeat(100))
    const count = 20_000
    let sent = 0
    for (let i = 0; i < count; i++) stream.write(message, () => sent++)
    stream.end()
    yield* promise(() => raw.quiet(() => sent))
    assert.isBelow(sent * message.length, 1_000_000)
    goOn!()
    assert.strictEqual(status(yield* promise(() => answer)), 0)
    assert.strictEqual(pulled, count)
  })
)

live(
  "a producer is held back by a reader that does not read, and ends when it leaves",
  Effect.gen(function* () {
    let made = 0
    let ended = false
    const { listener, raw } = yield* start({
      list: () =>
        Stream.ensuring(
          Stream.map(Stream.range(1, 1_000_000), () => {
            made++
            return "x".repeat(1000)
          }),
          Effect.sync(() => (ended = true))
        )
    })
    const stream = raw.request("/test.Probe/list")
    stream.pause()
    stream.end(ask("x"))
    yield* settled(() => made > 0)
    yield* promise(() => raw.quiet(() => made))
    assert.isAbove(made, 10)
    assert.isBelow(made, 20_000)
    stream.close(Http2.constants.NGHTTP2_CANCEL)
    yield* settled(() => ended && listener.inFlight() === 0)
  })
)

import { assert, describe } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Queue from "effect/Queue"
import * as Stream from "effect/Stream"
import { failureOf, fork, live, success } from "../fixtures/Connected.ts"
import { connect } from "../fixtures/GrpcConnected.ts"
import * as GrpcPeer from "../fixtures/GrpcPeer.ts"
import { type Ask } from "../fixtures/GrpcProbe.ts"
import { settled, turn } from "../fixtures/ServedProbe.ts"

const asks = (...texts: ReadonlyArray<string>): Stream.Stream<Ask> =>
  Stream.fromIterable(texts.map((text) => ({ text })))

describe("GrpcClient: client streaming", () => {
  live(
    "sends arrays as they come, half-closes, and takes the reply",
    Effect.gen(function* () {
      const peer = yield* GrpcPeer.make()
      const { client, link } = yield* connect(peer.address)
      const queue = yield* Queue.unbounded<Ask>()
      const fiber = yield* fork(client.join(Stream.take(Stream.fromQueue(queue), 3)))
      const asked = yield* peer.next
      for (const text of ["a", "b", "c"]) {
        assert.isFalse(asked.isEnded)
        yield* Queue.offer(queue, { text })
        yield* asked.until((it) => it.texts.at(-1) === text)
      }
      yield* asked.ended
      asked.reply("abc")
      assert.strictEqual(yield* success(fiber), "abc")
      assert.strictEqual(link.inFlight(), 0)
    })
  )

  live(
    "a failure of the requests is the call's, and resets the stream",
    Effect.gen(function* () {
      const peer = yield* GrpcPeer.make()
      const { client } = yield* connect(peer.address)
      const gate = yield* Deferred.make<void>()
      const requests = Stream.concat(
        asks("a"),
        Stream.fromEffect(Effect.andThen(Deferred.await(gate), Effect.fail("mine" as const)))
      )
      const fiber = yield* Effect.forkChild(Effect.flip(client.join(requests)), { startImmediately: true })
      const asked = yield* peer.next
      yield* asked.until((it) => it.texts.length === 1)
      yield* Deferred.succeed(gate, undefined)
      assert.strictEqual(yield* Fiber.join(fiber), "mine")
      yield* asked.closed
      assert.strictEqual(asked.resetCode, 8)
      const dying = yield* Effect.forkChild(Effect.exit(client.join(Stream.die("bug"))), { startImmediately: true })
      const exit = yield* Fiber.join(dying)
      assert.isTrue(Exit.isFailure(exit) && exit.cause.reasons[0]?._tag === "Die")
    })
  )

  live(
    "a peer that answers early ends the stream of requests, and its finalizers run",
    Effect.gen(function* () {
      const peer = yield* GrpcPeer.make()
      const { client } = yield* connect(peer.address)
      let released = 0
      const requests = Stream.concat(asks("a"), Stream.never).pipe(
        Stream.ensuring(
          Effect.sync(() => {
            released++
          })
        )
      )
      const early = yield* fork(client.join(requests))
      const asked = yield* peer.next
      asked.reply("enough")
      assert.strictEqual(yield* success(early), "enough")
      yield* settled(() => released === 1)
      const interrupted = yield* Effect.forkChild(client.join(requests), { startImmediately: true })
      const second = yield* peer.next
      yield* Fiber.interrupt(interrupted)
      assert.strictEqual(released, 2, "interruption waits for the finalizers")
      yield* second.closed
      assert.strictEqual(second.resetCode, 8)
    })
  )

  live(
    "a peer that does not read stops the stream of requests",
    Effect.gen(function* () {
      const peer = yield* GrpcPeer.make({ reads: false })
      const { client } = yield* connect(peer.address)
      let produced = 0
      const text = "y".repeat(10_000)
      const requests = Stream.map(Stream.rechunk(Stream.range(1, 400), 1), () => ({ text: (produced++, text) }))
      const fiber = yield* fork(client.join(requests))
      const asked = yield* peer.next
      for (let i = 0; i < 50; i++) yield* turn
      assert.isBelow(produced, 100, "more than the windows and a little was taken")
      asked.read()
      yield* asked.ended
      assert.strictEqual(asked.texts.length, 400)
      asked.reply("ok")
      assert.strictEqual(yield* success(fiber), "ok")
    })
  )

  live(
    "a request that cannot be encoded ends the call",
    Effect.gen(function* () {
      const peer = yield* GrpcPeer.make()
      const { client } = yield* connect(peer.address)
      const fiber = yield* fork(client.join(Stream.make({ text: "a" }, { text: 5 as never })))
      assert.strictEqual((yield* failureOf(fiber)).reason._tag, "ProtocolError")
      yield* (yield* peer.next).closed
    })
  )

  live(
    "compressed, each message on its own",
    Effect.gen(function* () {
      const peer = yield* GrpcPeer.make()
      const { client } = yield* connect(peer.address, { compression: { send: ["deflate"], threshold: 0 } })
      const fiber = yield* fork(client.join(asks("a".repeat(50_000), "b", "c".repeat(50_000))))
      const asked = yield* peer.next
      yield* asked.ended
      assert.strictEqual(asked.headers["grpc-encoding"], "deflate")
      assert.isBelow(asked.received.length, 1000)
      asked.reply("ok")
      assert.strictEqual(yield* success(fiber), "ok")
    })
  )
})

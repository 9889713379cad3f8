import { gzipSync } from "node:zlib"
import { assert, describe } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Queue from "effect/Queue"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import * as CallOptions from "../../src/CallOptions.ts"
import * as StatusDetails from "../../src/grpc/StatusDetails.ts"
import { failureOf, fork, live, success } from "../fixtures/Connected.ts"
import { connect } from "../fixtures/GrpcConnected.ts"
import * as GrpcPeer from "../fixtures/GrpcPeer.ts"
import { type Ask, Refused } from "../fixtures/GrpcProbe.ts"
import { settled, timed, turn } from "../fixtures/ServedProbe.ts"

const refusal = {
  "grpc-status": "9",
  "grpc-status-details-bin": StatusDetails.encode({
    code: 9,
    message: "",
    details: [StatusDetails.detail("test.Refused", GrpcPeer.encodeText("enough"))]
  }).toString("base64")
}

describe("GrpcClient: server streaming", () => {
  live(
    "messages come in the arrays in which they arrived, and the stream ends with the call",
    Effect.gen(function* () {
      const peer = yield* GrpcPeer.make()
      const { client, link } = yield* connect(peer.address)
      const sizes: Array<number> = []
      const seen: Array<string> = []
      const fiber = yield* fork(
        Stream.runForEachArray(client.list({ text: "x" }), (array) =>
          Effect.sync(() => {
            sizes.push(array.length)
            seen.push(...array)
          })
        )
      )
      const asked = yield* peer.next
      yield* asked.ended
      assert.deepStrictEqual(asked.texts, ["x"])
      asked.send(Buffer.concat(["a", "b", "c"].map(GrpcPeer.message)))
      yield* settled(() => seen.length === 3)
      assert.strictEqual(link.inFlight(), 1)
      const last = GrpcPeer.message("d")
      asked.send(last.subarray(0, 3))
      yield* turn
      asked.send(last.subarray(3))
      asked.end()
      yield* success(fiber)
      assert.deepStrictEqual(seen, ["a", "b", "c", "d"])
      assert.strictEqual(sizes[0], 3)
      assert.strictEqual(link.inFlight(), 0)
    })
  )

  live(
    "a failure before the first message fails the call; one behind messages ends the stream, declared or not",
    Effect.gen(function* () {
      const peer = yield* GrpcPeer.make()
      const { client } = yield* connect(peer.address)
      for (const isEarly of [true, false]) {
        for (const trailers of [{ "grpc-status": "5" }, refusal]) {
          const seen: Array<string> = []
          const fiber = yield* Effect.forkChild(
            Effect.flip(Stream.runForEach(client.list({ text: "x" }), (text) => Effect.sync(() => seen.push(text)))),
            { startImmediately: true }
          )
          const asked = yield* peer.next
          if (isEarly) asked.trailersOnly(trailers)
          else asked.send(GrpcPeer.message("a"), GrpcPeer.message("b")).end(trailers)
          const error = yield* Fiber.join(fiber)
          if (trailers === refusal) assert.instanceOf(error, Refused)
          else assert.strictEqual((error as { reason?: { code: number } }).reason?.code, 5)
          assert.deepStrictEqual(seen, isEarly ? [] : ["a", "b"])
        }
      }
    })
  )

  live(
    "no messages at all, with and without a head of its own",
    Effect.gen(function* () {
      const peer = yield* GrpcPeer.make()
      const { client } = yield* connect(peer.address)
      const one = yield* fork(Stream.runCollect(client.list({ text: "x" })))
      ;(yield* peer.next).trailersOnly({ "grpc-status": "0" })
      assert.deepStrictEqual(yield* success(one), [])
      const two = yield* fork(Stream.runCollect(client.list({ text: "x" })))
      ;(yield* peer.next).end()
      assert.deepStrictEqual(yield* success(two), [])
    })
  )

  live(
    "whoever has enough resets the stream; whoever is interrupted too",
    Effect.gen(function* () {
      const peer = yield* GrpcPeer.make()
      const { client, link } = yield* connect(peer.address)
      const taking = yield* fork(Stream.runCollect(Stream.take(client.list({ text: "x" }), 2)))
      const asked = yield* peer.next
      asked.send(GrpcPeer.message("a"), GrpcPeer.message("b"), GrpcPeer.message("c"))
      assert.deepStrictEqual(yield* success(taking), ["a", "b"])
      yield* asked.closed
      assert.strictEqual(asked.resetCode, 8)
      const running = yield* Effect.forkChild(Stream.runDrain(client.list({ text: "x" })), { startImmediately: true })
      const second = yield* peer.next
      second.send(GrpcPeer.message("a"))
      yield* turn
      yield* Fiber.interrupt(running)
      yield* second.closed
      assert.strictEqual(second.resetCode, 8)
      assert.strictEqual(link.inFlight(), 0)
    })
  )

  timed(
    "the deadline holds for the body as for the head",
    Effect.gen(function* () {
      const peer = yield* GrpcPeer.make()
      const { client } = yield* connect(peer.address)
      const seen: Array<string> = []
      const fiber = yield* fork(
        Stream.runForEach(client.list({ text: "x" }), (text) => Effect.sync(() => seen.push(text))).pipe(
          CallOptions.withTimeout("100 millis")
        )
      )
      const asked = yield* peer.next
      asked.send(GrpcPeer.message("a"))
      yield* settled(() => seen.length === 1)
      yield* TestClock.adjust("110 millis")
      const error = yield* failureOf(fiber)
      assert.strictEqual(error.reason._tag, "DeadlineExceeded")
      assert.deepStrictEqual(seen, ["a"])
      yield* asked.closed
      assert.strictEqual(asked.resetCode, 8)
    })
  )

  live(
    "a reader that stands still stops the peer",
    Effect.gen(function* () {
      const peer = yield* GrpcPeer.make()
      const { client } = yield* connect(peer.address, { http2: { streamWindow: 65_536, connectionWindow: 131_072 } })
      const gate = yield* Deferred.make<void>()
      let read = 0
      const fiber = yield* fork(
        Stream.runForEachArray(client.list({ text: "x" }), (array) => {
          read += array.length
          return Deferred.await(gate)
        })
      )
      const asked = yield* peer.next
      const one = GrpcPeer.message("y".repeat(10_000))
      const count = 200
      asked.head()
      for (let i = 0; i < count; i++) asked.stream.write(one)
      asked.end()
      // What Node has not been allowed to send stays in its stream.
      yield* settled(() => read > 0)
      for (let i = 0; i < 50; i++) yield* turn
      const sent = count * one.length - asked.stream.writableLength
      assert.isBelow(sent, 65_536 * 2 + 65_536)
      assert.isBelow(read, 10)
      // Other calls of the connection are not affected.
      const other = yield* fork(client.ask({ text: "z" }))
      ;(yield* peer.next).reply("other")
      assert.strictEqual(yield* success(other), "other")
      yield* Deferred.succeed(gate, undefined)
      yield* success(fiber)
      assert.strictEqual(read, count)
    })
  )

  live(
    "a message beyond the window of its stream comes through, compressed ones too",
    Effect.gen(function* () {
      const text = "w".repeat(1_000_000)
      const peer = yield* GrpcPeer.make({
        answer: (asked) => {
          const zipped = GrpcPeer.frame(gzipSync(GrpcPeer.encodeText(text)), true)
          asked.head({ "grpc-encoding": "gzip" }).send(GrpcPeer.message(text), zipped, zipped).end()
        }
      })
      const { client } = yield* connect(peer.address)
      assert.deepStrictEqual(yield* Stream.runCollect(client.list({ text: "x" })), [text, text, text])
    })
  )

  live(
    "a message that is inflated on another thread is not overtaken by the end of the stream, nor by a failure",
    Effect.gen(function* () {
      const noise = Array.from({ length: 60_000 }, (_, i) => ((i * 7919) % 9973).toString(36)).join("")
      const zipped = GrpcPeer.frame(gzipSync(GrpcPeer.encodeText(noise)), true)
      for (const status of ["0", "5"]) {
        const peer = yield* GrpcPeer.make({
          answer: (asked) =>
            asked
              .head({ "grpc-encoding": "gzip" })
              .send(zipped, GrpcPeer.message("x"), zipped)
              .end({ "grpc-status": status })
        })
        const { client } = yield* connect(peer.address)
        const seen: Array<string> = []
        const exit = yield* Effect.exit(
          Stream.runForEach(client.list({ text: "x" }), (text) => Effect.sync(() => seen.push(text)))
        )
        assert.strictEqual(exit._tag, status === "0" ? "Success" : "Failure")
        assert.deepStrictEqual(seen, [noise, "x", noise])
      }
    })
  )

  live(
    "many small messages that inflate to large ones are handed over little by little",
    Effect.gen(function* () {
      const large = "z".repeat(1_000_000)
      const zipped = GrpcPeer.frame(gzipSync(GrpcPeer.encodeText(large)), true)
      const tiny = GrpcPeer.frame(gzipSync(GrpcPeer.encodeText("t")), true)
      const peer = yield* GrpcPeer.make({
        answer: (asked) =>
          asked
            .head({ "grpc-encoding": "gzip" })
            .send(
              Buffer.concat([...Array.from({ length: 40 }, () => zipped), ...Array.from({ length: 5000 }, () => tiny)])
            )
            .end()
      })
      const { client } = yield* connect(peer.address, { maxReceiveMessageSize: 2_000_000 })
      const sizes: Array<number> = []
      let count = 0
      yield* Stream.runForEachArray(client.list({ text: "x" }), (array) =>
        Effect.sync(() => {
          count += array.length
          sizes.push(array.reduce((sum, text) => sum + text.length, 0))
        })
      )
      assert.strictEqual(count, 5040)
      assert.isAtMost(Math.max(...sizes), 3_000_000)
    })
  )

  live(
    "and hold their sender back until they are opened",
    Effect.gen(function* () {
      const message = GrpcPeer.frame(gzipSync(GrpcPeer.encodeText("x".repeat(1500))), true)
      const count = 15_000
      let sent = 0
      const peer = yield* GrpcPeer.make({
        answer: (asked) => {
          asked.head({ "grpc-encoding": "gzip" })
          for (let i = 0; i < count; i++) asked.stream.write(message, () => sent++)
          asked.end()
        }
      })
      const { client } = yield* connect(peer.address, {
        maxReceiveMessageSize: 2000,
        http2: { streamWindow: 65_536 }
      })
      let pulled = 0
      let ahead = 0
      yield* Stream.runForEachArray(client.list({ text: "x" }), (array) => {
        pulled += array.length
        ahead = Math.max(ahead, sent - pulled)
        return Effect.andThen(turn, turn)
      })
      assert.strictEqual(pulled, count)
      assert.isBelow(ahead * message.length, 200_000)
    })
  )

  live(
    "bytes that make no sense end the stream with a ProtocolError",
    Effect.gen(function* () {
      const peer = yield* GrpcPeer.make()
      const { client } = yield* connect(peer.address)
      for (const bytes of [
        GrpcPeer.frame(Buffer.of(0x0a, 9)),
        Buffer.of(9, 0, 0, 0, 0),
        GrpcPeer.message("abc").subarray(0, 6)
      ]) {
        const fiber = yield* fork(Stream.runDrain(client.list({ text: "x" })))
        const asked = yield* peer.next
        asked.send(GrpcPeer.message("fine"), bytes)
        asked.end()
        assert.strictEqual((yield* failureOf(fiber)).reason._tag, "ProtocolError")
      }
      const other = yield* fork(client.ask({ text: "z" }))
      ;(yield* peer.next).reply("other")
      assert.strictEqual(yield* success(other), "other")
    })
  )
})

describe("GrpcClient: streams both ways", () => {
  live(
    "question and answer in turn",
    Effect.gen(function* () {
      const peer = yield* GrpcPeer.make()
      const { client } = yield* connect(peer.address)
      const queue = yield* Queue.unbounded<Ask>()
      yield* Queue.offer(queue, { text: "1" })
      const seen: Array<string> = []
      const fiber = yield* fork(
        Stream.runForEach(client.chat(Stream.take(Stream.fromQueue(queue), 4)), (text) => {
          seen.push(text)
          return Queue.offer(queue, { text: `${seen.length + 1}` })
        })
      )
      const asked = yield* peer.next
      for (let i = 1; i <= 4; i++) {
        yield* asked.until((it) => it.texts.length === i)
        asked.send(GrpcPeer.message(`answer ${asked.texts.at(-1)}`))
      }
      yield* asked.ended
      asked.end()
      yield* success(fiber)
      assert.deepStrictEqual(seen, ["answer 1", "answer 2", "answer 3", "answer 4"])
    })
  )

  live(
    "a failure of the requests amid the replies is the stream's",
    Effect.gen(function* () {
      const peer = yield* GrpcPeer.make()
      const { client } = yield* connect(peer.address)
      const gate = yield* Deferred.make<void>()
      const requests = Stream.fromEffect(Effect.andThen(Deferred.await(gate), Effect.fail("mine" as const)))
      const seen: Array<string> = []
      const fiber = yield* Effect.forkChild(
        Effect.flip(Stream.runForEach(client.chat(requests), (text) => Effect.sync(() => seen.push(text)))),
        { startImmediately: true }
      )
      const asked = yield* peer.next
      asked.send(GrpcPeer.message("a"))
      yield* settled(() => seen.length === 1)
      yield* Deferred.succeed(gate, undefined)
      assert.strictEqual(yield* Fiber.join(fiber), "mine")
      yield* asked.closed
    })
  )

  live(
    "a connection that is cut ends the stream with Unavailable",
    Effect.gen(function* () {
      const peer = yield* GrpcPeer.make()
      const { client } = yield* connect(peer.address)
      const seen: Array<string> = []
      const fiber = yield* fork(
        Stream.runForEach(client.chat(Stream.never), (text) => Effect.sync(() => seen.push(text)))
      )
      const asked = yield* peer.next
      asked.send(GrpcPeer.message("a"))
      yield* settled(() => seen.length === 1)
      peer.sockets[0]!.destroy()
      const { reason } = yield* failureOf(fiber)
      assert.isTrue(reason._tag === "Unavailable" && !reason.unsent)
    })
  )
})

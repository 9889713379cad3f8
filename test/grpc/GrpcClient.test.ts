import { gzipSync } from "node:zlib"
import { assert, describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/testing/TestClock"
import * as CallOptions from "../../src/CallOptions.ts"
import * as ClientFailure from "../../src/grpc/ClientFailure.ts"
import * as GrpcClient from "../../src/grpc/GrpcClient.ts"
import * as StatusDetails from "../../src/grpc/StatusDetails.ts"
import * as Layer from "../../src/Layer.ts"
import * as Metadata from "../../src/Metadata.ts"
import type * as Reply from "../../src/Reply.ts"
import { failure, failureOf, fork, live, success } from "../fixtures/Connected.ts"
import { connect } from "../fixtures/GrpcConnected.ts"
import * as GrpcPeer from "../fixtures/GrpcPeer.ts"
import { Refused } from "../fixtures/GrpcProbe.ts"
import { timed } from "../fixtures/ServedProbe.ts"

/** Lets a test see replies as middleware do. */
const recording = () => {
  const replies: Array<Reply.Reply> = []
  const layer = Layer.middleware(
    (inner) => (call) => Effect.tap(inner(call), (reply) => Effect.sync(() => replies.push(reply)))
  )
  return { replies, layer }
}

/** The failure of a call that the peer answers in this way. */
const failureWith = (answer: (asked: GrpcPeer.Asked) => void, options?: GrpcClient.Options) =>
  Effect.gen(function* () {
    const peer = yield* GrpcPeer.make()
    const { client } = yield* connect(peer.address, options)
    const fiber = yield* fork(client.ask({ text: "x" }))
    const asked = yield* peer.next
    yield* asked.ended
    answer(asked)
    const error = yield* failureOf(fiber)
    assert.strictEqual(error.method, "test.Probe.ask")
    assert.strictEqual(error.peer, peer.address)
    // Whatever it was, other calls are untouched.
    const other = yield* fork(client.ask({ text: "other" }))
    ;(yield* peer.next).reply("fine")
    assert.strictEqual(yield* success(other), "fine")
    assert.strictEqual(peer.sessions.length, 1)
    return error
  })

describe("GrpcClient: unary calls", () => {
  live(
    "sends what gRPC over HTTP/2 asks for, and takes the reply",
    Effect.gen(function* () {
      const peer = yield* GrpcPeer.make()
      const { client, link } = yield* connect(peer.address)
      const fiber = yield* fork(client.ask({ text: "hello" }))
      const asked = yield* peer.next
      yield* asked.ended
      assert.deepStrictEqual(asked.texts, ["hello"])
      const { headers } = asked
      assert.strictEqual(headers[":method"], "POST")
      assert.strictEqual(headers[":scheme"], "http")
      assert.strictEqual(headers[":path"], "/test.Probe/ask")
      assert.strictEqual(headers[":authority"], peer.address)
      assert.strictEqual(headers["te"], "trailers")
      assert.strictEqual(headers["content-type"], "application/grpc+proto")
      assert.strictEqual(headers["grpc-accept-encoding"], "identity,gzip,deflate,zstd")
      assert.match(headers["user-agent"] ?? "", /^grpc-node-volant\/\d/)
      assert.strictEqual(headers["grpc-timeout"], undefined)
      assert.strictEqual(link.inFlight(), 1)
      asked.reply("HELLO")
      assert.strictEqual(yield* success(fiber), "HELLO")
      assert.strictEqual(link.inFlight(), 0)
    })
  )

  live(
    "calls of a tick share a connection, and replies find theirs in any order and in any pieces",
    Effect.gen(function* () {
      const peer = yield* GrpcPeer.make()
      const { client } = yield* connect(peer.address)
      const fibers = yield* Effect.forEach(["a", "b", "c"], (text) => fork(client.ask({ text })))
      const asked = yield* peer.takeAll(3)
      for (const each of asked.toReversed()) {
        yield* each.ended
        const bytes = GrpcPeer.message(each.texts[0]!.toUpperCase())
        for (let i = 0; i < bytes.length; i++) each.send(bytes.subarray(i, i + 1))
        each.end()
      }
      assert.deepStrictEqual(yield* Effect.forEach(fibers, success), ["A", "B", "C"])
      assert.strictEqual(peer.sessions.length, 1)
    })
  )

  live(
    "metadata goes out and comes back, text and bytes, repeated keys; metainfo too",
    Effect.gen(function* () {
      const peer = yield* GrpcPeer.make()
      const { layer, replies } = recording()
      const { client } = yield* connect(peer.address, undefined, layer)
      const fiber = yield* fork(
        client
          .ask({ text: "x" })
          .pipe(
            CallOptions.withMetadata("Key", "one"),
            CallOptions.withMetadata("key", "two"),
            CallOptions.withMetadata("raw-bin", Uint8Array.of(0, 255)),
            CallOptions.withPersistent("ZONE_ID", "a"),
            CallOptions.withTransient("mixedCase", "é")
          )
      )
      const asked = yield* peer.next
      assert.strictEqual(asked.headers["key"], "two, one")
      assert.strictEqual(asked.headers["raw-bin"], "AP8")
      assert.strictEqual(asked.headers["rpc-persist-zone-id"], "a")
      asked.head({ served: ["1", "2"], "rpc-backward-from": "head" })
      asked.reply("y", { "grpc-status": "0", "sum-bin": "AQI=", "rpc-backward-cost": "5" })
      assert.strictEqual(yield* success(fiber), "y")
      const [reply] = replies
      assert.deepStrictEqual(Metadata.getAll(reply!.metadata, "served"), ["1", "2"])
      assert.deepStrictEqual(Metadata.get(reply!.trailers, "sum-bin"), Uint8Array.of(1, 2))
      assert.deepStrictEqual([...reply!.backward].sort(), [
        ["COST", "5"],
        ["FROM", "head"]
      ])
    })
  )

  for (const [key, value] of [
    ["grpc-status", "0"],
    ["content-type", "x"],
    ["a b", "x"],
    ["plain", "é"],
    ["blank", " x"],
    ["x-bin", "text"]
  ] as const) {
    live(
      `metadata that may not be sent is refused: ${key}`,
      Effect.gen(function* () {
        const peer = yield* GrpcPeer.make({ answer: (asked) => asked.reply("x") })
        const { client } = yield* connect(peer.address)
        const error = yield* Effect.flip(client.ask({ text: "x" }).pipe(CallOptions.withMetadata(key, value)))
        assert.strictEqual((error as { reason?: { _tag: string } }).reason?._tag, "ProtocolError")
        assert.strictEqual(yield* client.ask({ text: "x" }), "x")
      })
    )
  }

  live(
    "a value that cannot be encoded is a ProtocolError, and the connection stays",
    Effect.gen(function* () {
      const peer = yield* GrpcPeer.make()
      const { client } = yield* connect(peer.address)
      const error = yield* Effect.flip(client.ask({ text: 5 as never }))
      assert.strictEqual((error as { reason?: { _tag: string } }).reason?._tag, "ProtocolError")
      const fiber = yield* fork(client.ask({ text: "x" }))
      const [broken, asked] = yield* peer.takeAll(2)
      assert.deepStrictEqual(broken!.texts, [])
      asked!.reply("y")
      assert.strictEqual(yield* success(fiber), "y")
    })
  )

  timed(
    "the remaining time goes out as grpc-timeout, and its end is the call's",
    Effect.gen(function* () {
      const peer = yield* GrpcPeer.make()
      const { client, link } = yield* connect(peer.address)
      const fiber = yield* fork(client.ask({ text: "x" }).pipe(CallOptions.withTimeout("80 millis")))
      const asked = yield* peer.next
      assert.match(String(asked.headers["grpc-timeout"]), /^\d{1,8}[mun]$/)
      yield* TestClock.adjust("90 millis")
      const error = yield* failureOf(fiber)
      assert.strictEqual(error.reason._tag, "DeadlineExceeded")
      yield* asked.closed
      assert.strictEqual(asked.resetCode, 8)
      assert.strictEqual(link.inFlight(), 0)
    })
  )

  live(
    "an interrupted call resets its stream with CANCEL, and no other",
    Effect.gen(function* () {
      const peer = yield* GrpcPeer.make()
      const { client, link } = yield* connect(peer.address)
      const gone = yield* Effect.forkChild(client.ask({ text: "gone" }), { startImmediately: true })
      const stays = yield* fork(client.ask({ text: "stays" }))
      const [first, second] = yield* peer.takeAll(2)
      yield* Fiber.interrupt(gone)
      yield* first!.closed
      assert.strictEqual(first!.resetCode, 8)
      assert.strictEqual(link.inFlight(), 1)
      second!.reply("here")
      assert.strictEqual(yield* success(stays), "here")
    })
  )

  live(
    "a declared error comes back typed, whatever else is in the details",
    Effect.gen(function* () {
      const peer = yield* GrpcPeer.make()
      const { client } = yield* connect(peer.address)
      const fiber = yield* Effect.forkChild(Effect.flip(client.ask({ text: "x" })), { startImmediately: true })
      const asked = yield* peer.next
      const details = [
        StatusDetails.detail("some.Other", Uint8Array.of(1, 2, 3)),
        StatusDetails.detail("test.Refused", GrpcPeer.encodeText("no"))
      ]
      asked.trailersOnly({
        "grpc-status": "9",
        "grpc-message": "never%20mind",
        "grpc-status-details-bin": StatusDetails.encode({ code: 9, message: "never mind", details }).toString("base64")
      })
      const error = yield* Fiber.join(fiber)
      assert.instanceOf(error, Refused)
      assert.strictEqual((error as Refused).why, "no")
    })
  )

  live(
    "a status is a StatusError with its message, details, and what came beside",
    Effect.gen(function* () {
      const details = [StatusDetails.detail("some.Other", Uint8Array.of(1, 2, 3))]
      const error = yield* failureWith((asked) =>
        asked.send(GrpcPeer.message("ignored")).end({
          "grpc-status": "5",
          "grpc-message": "na%C3%AFve%25",
          "grpc-status-details-bin": StatusDetails.encode({ code: 5, message: "", details }).toString("base64url")
            .length
            ? StatusDetails.encode({ code: 5, message: "", details }).toString("base64")
            : "",
          "request-id": "7",
          "grpc-retry-pushback-ms": "120"
        })
      )
      assert.strictEqual(error.reason._tag, "StatusError")
      if (error.reason._tag !== "StatusError") return
      assert.deepStrictEqual([error.reason.code, error.reason.detail], [5, "naïve%"])
      assert.deepStrictEqual(
        error.reason.details?.map(({ typeUrl, value }) => [typeUrl, [...value]]),
        [["type.googleapis.com/some.Other", [1, 2, 3]]]
      )
      assert.strictEqual(Metadata.get(GrpcClient.trailers(error), "request-id"), "7")
      assert.strictEqual(GrpcClient.pushback(error), 120)
    })
  )
})

describe("GrpcClient: failures", () => {
  live(
    "tell whether the response had begun",
    Effect.gen(function* () {
      const isCommitted = (answer: (asked: GrpcPeer.Asked) => void) =>
        Effect.map(failureWith(answer), ClientFailure.isCommitted)
      assert.isFalse(yield* isCommitted((asked) => asked.trailersOnly({ "grpc-status": "14" })))
      assert.isFalse(yield* isCommitted((asked) => asked.stream.close(2)))
      assert.isTrue(yield* isCommitted((asked) => asked.end({ "grpc-status": "14" })))
      assert.isTrue(yield* isCommitted((asked) => void asked.send(GrpcPeer.message("x")).stream.close(2)))
    })
  )
})

describe("GrpcClient: answers that are none", () => {
  const cases: ReadonlyArray<
    readonly [name: string, answer: (asked: GrpcPeer.Asked) => void, tag: string, code?: number]
  > = [
    ["UNAVAILABLE", (it) => it.trailersOnly({ "grpc-status": "14" }), "Unavailable"],
    ["RESOURCE_EXHAUSTED", (it) => it.trailersOnly({ "grpc-status": "8" }), "StatusError", 8],
    ["an unknown status code", (it) => it.end({ "grpc-status": "77" }), "StatusError", 2],
    ["a status that is no number", (it) => it.end({ "grpc-status": "ok" }), "StatusError", 2],
    ["HTTP 503", (it) => it.stream.respond({ ":status": 503 }, { endStream: true }), "Unavailable"],
    ["HTTP 404", (it) => it.stream.respond({ ":status": 404 }, { endStream: true }), "StatusError", 12],
    [
      "HTTP 401 with a page that goes on",
      (it) => {
        it.stream.respond({ ":status": 401, "content-type": "text/html" })
        it.stream.write("<html>")
      },
      "StatusError",
      16
    ],
    [
      "another content-type",
      (it) => {
        it.stream.respond({ ":status": 200, "content-type": "text/html" })
        it.stream.end("<html>")
      },
      "StatusError",
      2
    ],
    ["another message format", (it) => it.head({ "content-type": "application/grpc+json" }).end(), "ProtocolError"],
    ["an encoding that was not offered", (it) => it.head({ "grpc-encoding": "br" }).reply("x"), "ProtocolError"],
    [
      "no trailers",
      (it) => {
        it.stream.respond(GrpcPeer.responseHeaders)
        it.stream.end(GrpcPeer.message("x"))
      },
      "StatusError",
      2
    ],
    ["OK without a message", (it) => it.end(), "StatusError", 12],
    ["two messages", (it) => it.send(GrpcPeer.message("a"), GrpcPeer.message("b")).end(), "StatusError", 12],
    [
      "two messages, the second a bomb that nobody opens",
      (it) =>
        it
          .head({ "grpc-encoding": "gzip" })
          .send(GrpcPeer.message("a"), GrpcPeer.frame(gzipSync(Buffer.alloc(8 * 1024 * 1024)), true))
          .end(),
      "StatusError",
      12
    ],
    ["a message that ends too soon", (it) => it.send(GrpcPeer.message("abc").subarray(0, 7)).end(), "ProtocolError"],
    ["a flag that is none", (it) => it.send(Buffer.of(2, 0, 0, 0, 0)).end(), "ProtocolError"],
    ["bytes that are no such message", (it) => it.send(GrpcPeer.frame(Buffer.of(0x0a, 9, 65))).end(), "ProtocolError"],
    [
      "a compressed message without an encoding",
      (it) => it.send(GrpcPeer.frame(Buffer.of(1), true)).end(),
      "ProtocolError"
    ],
    [
      "bytes that are not gzip",
      (it) =>
        it
          .head({ "grpc-encoding": "gzip" })
          .send(GrpcPeer.frame(Buffer.from("no"), true))
          .end(),
      "ProtocolError"
    ],
    ["a message over the limit", (it) => it.send(Buffer.of(0, 0, 64, 0, 1)), "StatusError", 8],
    [
      "a message that decompresses over the limit",
      (it) =>
        it
          .head({ "grpc-encoding": "gzip" })
          .send(GrpcPeer.frame(gzipSync(Buffer.alloc(8 * 1024 * 1024)), true))
          .end(),
      "StatusError",
      8
    ],
    ["RST_STREAM CANCEL", (it) => it.stream.close(8), "StatusError", 1],
    ["RST_STREAM INTERNAL_ERROR", (it) => it.stream.close(2), "StatusError", 13],
    ["RST_STREAM ENHANCE_YOUR_CALM", (it) => it.stream.close(11), "StatusError", 8],
    ["RST_STREAM amid the reply", (it) => void it.send(GrpcPeer.message("x")).stream.close(2), "StatusError", 13]
  ]
  for (const [name, answer, tag, code] of cases) {
    live(
      name,
      Effect.gen(function* () {
        const error = yield* failureWith(answer)
        assert.strictEqual(error.reason._tag, tag, error.message)
        if (error.reason._tag === "StatusError") assert.strictEqual(error.reason.code, code, error.message)
      })
    )
  }

  live(
    "a peer's DEADLINE_EXCEEDED is the call's own when it has a deadline",
    Effect.gen(function* () {
      const peer = yield* GrpcPeer.make({ answer: (asked) => asked.trailersOnly({ "grpc-status": "4" }) })
      const { client } = yield* connect(peer.address)
      const bounded = yield* Effect.exit(client.ask({ text: "x" }).pipe(CallOptions.withTimeout("1 minute")))
      assert.strictEqual(failure(bounded).reason._tag, "DeadlineExceeded")
      assert.strictEqual(failure(yield* Effect.exit(client.ask({ text: "x" }))).reason._tag, "StatusError")
    })
  )
})

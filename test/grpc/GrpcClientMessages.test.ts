import { gzipSync } from "node:zlib"
import { assert, describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as GrpcClient from "../../src/grpc/GrpcClient.ts"
import { failure, fork, live, success } from "../fixtures/Connected.ts"
import { connect } from "../fixtures/GrpcConnected.ts"
import * as GrpcPeer from "../fixtures/GrpcPeer.ts"

describe("GrpcClient: sizes and compression", () => {
  live(
    "compresses what it sends when told to, small messages not; and reads every encoding",
    Effect.gen(function* () {
      const peer = yield* GrpcPeer.make()
      const { client } = yield* connect(peer.address, { compression: { send: ["gzip"], threshold: 100 } })
      const large = "x".repeat(100_000)
      const fiber = yield* fork(client.ask({ text: large }))
      const asked = yield* peer.next
      yield* asked.ended
      assert.strictEqual(asked.headers["grpc-encoding"], "gzip")
      assert.strictEqual(asked.received[0], 1)
      assert.isBelow(asked.received.length, 2000)
      const zipped = gzipSync(GrpcPeer.encodeText(large))
      asked.head({ "grpc-encoding": "gzip" }).send(GrpcPeer.frame(zipped, true)).end()
      assert.strictEqual(yield* success(fiber), large)
      const small = yield* fork(client.ask({ text: "small" }))
      const second = yield* peer.next
      yield* second.ended
      assert.strictEqual(second.received[0], 0)
      second.reply("small")
      assert.strictEqual(yield* success(small), "small")
      const plain = yield* fork(client.ask({ text: large }).pipe(GrpcClient.withCompression("identity")))
      const third = yield* peer.next
      assert.strictEqual(third.headers["grpc-encoding"], undefined)
      third.reply("")
      assert.strictEqual(yield* success(plain), "")
    })
  )

  live(
    "a large compressed reply, inflated on another thread, is whole when the trailers came before",
    Effect.gen(function* () {
      const noise = Array.from({ length: 60_000 }, (_, i) => ((i * 7919) % 9973).toString(36)).join("")
      const peer = yield* GrpcPeer.make({
        answer: (asked) =>
          asked
            .head({ "grpc-encoding": "gzip" })
            .send(GrpcPeer.frame(gzipSync(GrpcPeer.encodeText(noise)), true))
            .end()
      })
      const { client } = yield* connect(peer.address)
      assert.strictEqual(yield* client.ask({ text: "x" }), noise)
    })
  )

  live(
    "limits of messages, either way, of a client and of a call",
    Effect.gen(function* () {
      const peer = yield* GrpcPeer.make({ answer: (asked) => asked.reply("y".repeat(500)) })
      const { client } = yield* connect(peer.address, { maxReceiveMessageSize: 1000, maxSendMessageSize: 1000 })
      const codeOf = (exit: Parameters<typeof failure>[0]) => {
        const { reason } = failure(exit)
        return reason._tag === "StatusError" ? reason.code : reason._tag
      }
      assert.strictEqual(codeOf(yield* Effect.exit(client.ask({ text: "x".repeat(1001) }))), 8)
      assert.strictEqual((yield* client.ask({ text: "x".repeat(900) })).length, 500)
      const strict = client.ask({ text: "x" }).pipe(GrpcClient.withMaxReceiveMessageSize(100))
      assert.strictEqual(codeOf(yield* Effect.exit(strict)), 8)
      const short = client.ask({ text: "xxx" }).pipe(GrpcClient.withMaxSendMessageSize(2))
      assert.strictEqual(codeOf(yield* Effect.exit(short)), 8)
    })
  )

  live(
    "a request beyond all windows goes out as the peer reads it",
    Effect.gen(function* () {
      const peer = yield* GrpcPeer.make({ reads: false })
      const { client } = yield* connect(peer.address)
      const text = "z".repeat(3_000_000)
      const fiber = yield* fork(client.ask({ text }))
      const asked = yield* peer.next
      asked.read()
      yield* asked.ended
      assert.strictEqual(asked.texts[0], text)
      asked.reply("ok")
      assert.strictEqual(yield* success(fiber), "ok")
    })
  )
})

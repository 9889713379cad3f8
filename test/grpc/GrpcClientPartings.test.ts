import { assert, describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as CallOptions from "../../src/CallOptions.ts"
import * as GrpcClient from "../../src/grpc/GrpcClient.ts"
import { failure, failureOf, fork, live, success } from "../fixtures/Connected.ts"
import { connect } from "../fixtures/GrpcConnected.ts"
import * as GrpcPeer from "../fixtures/GrpcPeer.ts"
import { settled, turn } from "../fixtures/ServedProbe.ts"

const reasonOf = (exit: Parameters<typeof failure>[0]) => failure(exit).reason

describe("GrpcClient: peers that leave", () => {
  live(
    "GOAWAY amid 1,000 calls loses none: those not looked at go to a new connection",
    Effect.gen(function* () {
      const served: Array<string> = []
      let accepted = 0
      const peer = yield* GrpcPeer.make({
        settings: { maxConcurrentStreams: 5000 },
        answer: (asked) => {
          const { session } = asked.stream
          const isFirst = session === peer.sessions[0]
          if (isFirst && ++accepted === 400) session!.goaway(0, asked.stream.id!)
          // Node looks at streams beyond the last one as well; a server that keeps its word does not.
          if (isFirst && accepted > 400) return
          asked.stream.on("end", () => {
            served.push(asked.texts[0]!)
            setImmediate(() => asked.reply(asked.texts[0]!))
          })
        }
      })
      const { client } = yield* connect(peer.address, { pool: { maxConnections: 1 } })
      const all = Array.from({ length: 1000 }, (_, i) => `${i}`)
      const replies = yield* Effect.forEach(all, (text) => client.ask({ text }), { concurrency: "unbounded" })
      assert.deepStrictEqual(replies, all)
      assert.strictEqual(served.length, 1000)
      assert.strictEqual(new Set(served).size, 1000, "none was served twice")
      assert.strictEqual(peer.sessions.length, 2)
    })
  )

  live(
    "a graceful GOAWAY lets calls finish, while new ones use another connection",
    Effect.gen(function* () {
      const peer = yield* GrpcPeer.make()
      const { client } = yield* connect(peer.address)
      const old = yield* fork(client.ask({ text: "old" }))
      const asked = yield* peer.next
      peer.sessions[0]!.close()
      yield* settled(() => asked.stream.session?.closed === true)
      for (let i = 0; i < 10; i++) yield* turn
      const young = yield* fork(client.ask({ text: "new" }))
      const second = yield* peer.next
      assert.strictEqual(peer.sessions.length, 2)
      second.reply("new")
      assert.strictEqual(yield* success(young), "new")
      asked.reply("old")
      assert.strictEqual(yield* success(old), "old")
    })
  )

  live(
    "REFUSED_STREAM is retried unnoticed, a few times; streams of requests begin anew with what was sent",
    Effect.gen(function* () {
      const peer = yield* GrpcPeer.make()
      const { client } = yield* connect(peer.address)
      const fiber = yield* fork(client.ask({ text: "x" }))
      ;(yield* peer.next).stream.close(7)
      ;(yield* peer.next).reply("y")
      assert.strictEqual(yield* success(fiber), "y")
      let started = 0
      const requests = Stream.concat(
        Stream.fromEffect(Effect.sync(() => ({ text: `${++started}` }))),
        Stream.fromEffect(Effect.as(turn, { text: "second" }))
      )
      const streaming = yield* fork(client.join(requests))
      const refused = yield* peer.next
      yield* refused.until((it) => it.texts.length >= 1)
      refused.stream.close(7)
      const again = yield* peer.next
      yield* again.ended
      assert.deepStrictEqual(again.texts, ["1", "second"])
      again.reply("z")
      assert.strictEqual(yield* success(streaming), "z")
      assert.strictEqual(started, 1)
      const stubborn = yield* fork(client.ask({ text: "x" }))
      for (let i = 0; i < 4; i++) (yield* peer.next).stream.close(7)
      const { reason } = yield* failureOf(stubborn)
      assert.isTrue(reason._tag === "Unavailable" && reason.unsent)
    })
  )

  live(
    "a connection that is cut, in every phase of a call",
    Effect.gen(function* () {
      const peer = yield* GrpcPeer.make()
      const { client } = yield* connect(peer.address, {
        waitForReady: true,
        reconnect: { initial: "1 millis", max: "1 millis" }
      })
      const phases: ReadonlyArray<(asked: GrpcPeer.Asked) => void> = [
        () => {},
        (asked) => void asked.head(),
        (asked) => void asked.send(GrpcPeer.message("abc").subarray(0, 3)),
        (asked) => void asked.send(GrpcPeer.message("abc"))
      ]
      for (const phase of phases) {
        for (const kind of ["ask", "list", "join", "chat"] as const) {
          const requests = Stream.concat(Stream.make({ text: "x" }), Stream.never)
          const call =
            kind === "ask"
              ? client.ask({ text: "x" })
              : kind === "join"
                ? client.join(requests)
                : Stream.runDrain(kind === "list" ? client.list({ text: "x" }) : client.chat(requests))
          const fiber = yield* fork(call)
          const asked = yield* peer.next
          phase(asked)
          for (let i = 0; i < 5; i++) yield* turn
          peer.sockets.at(-1)!.destroy()
          const { reason } = yield* failureOf(fiber)
          assert.isTrue(reason._tag === "Unavailable" && !reason.unsent, `${kind}: ${reason.message}`)
        }
      }
      const fiber = yield* fork(client.ask({ text: "x" }))
      ;(yield* peer.next).reply("alive")
      assert.strictEqual(yield* success(fiber), "alive")
    })
  )

  live(
    "a peer that breaks the protocol ends the connection, with a typed error for what it had",
    Effect.gen(function* () {
      const peer = yield* GrpcPeer.make()
      const { client } = yield* connect(peer.address, { reconnect: { initial: "1 millis" } })
      const fiber = yield* fork(client.ask({ text: "x" }))
      yield* peer.next
      peer.sockets[0]!.write(Buffer.from("00000104000000000000", "hex"))
      const { reason } = yield* failureOf(fiber)
      assert.strictEqual(reason._tag, "Unavailable", reason.message)
      const next = yield* fork(client.ask({ text: "y" }).pipe(GrpcClient.withWaitForReady(true)))
      ;(yield* peer.next).reply("y")
      assert.strictEqual(yield* success(next), "y")
    })
  )

  live(
    "a call with more metadata than the peer takes fails here, and others go on",
    Effect.gen(function* () {
      const peer = yield* GrpcPeer.make({
        settings: { maxHeaderListSize: 2000 },
        answer: (asked) => asked.stream.on("end", () => asked.reply(asked.texts[0]!))
      })
      const { client } = yield* connect(peer.address)
      assert.strictEqual(yield* client.ask({ text: "small" }), "small")
      for (const call of [client.ask({ text: "x" }), client.join(Stream.make({ text: "x" }))]) {
        const large = CallOptions.withMetadata("key", "v".repeat(2000))(call)
        const reason = reasonOf(yield* Effect.exit(large))
        assert.strictEqual(reason._tag, "ProtocolError")
        assert.match(reason.message, /a header list of 2\d\d\d octets, where the peer takes 2000/)
      }
      assert.strictEqual(yield* client.ask({ text: "again" }), "again")
      assert.strictEqual(peer.sessions.length, 1)
    })
  )

  live(
    "one that hangs up again and again, before any answer, is left alone for a while",
    Effect.gen(function* () {
      const peer = yield* GrpcPeer.make({ answer: () => peer.sockets[0]!.destroy() })
      const { client, link } = yield* connect(peer.address, { reconnect: { initial: "1 minute" } })
      const first = reasonOf(yield* Effect.exit(client.ask({ text: "x" })))
      assert.isTrue(first._tag === "Unavailable" && !first.unsent, first.message)
      yield* settled(() => link.isReachable?.() === false)
      const second = reasonOf(yield* Effect.exit(client.ask({ text: "x" })))
      assert.isTrue(second._tag === "Unavailable" && second.unsent, second.message)
      assert.strictEqual(peer.sockets.length, 1)
    })
  )
})

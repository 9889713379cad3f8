import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as GrpcClient from "../../src/grpc/GrpcClient.ts"
import * as Metadata from "../../src/Metadata.ts"
import { failureOf, fork, live } from "../fixtures/Connected.ts"
import { connect } from "../fixtures/GrpcConnected.ts"
import * as GrpcPeer from "../fixtures/GrpcPeer.ts"

/** The failure of a unary call that the peer answers in this way. */
const failureWith = (answer: (asked: GrpcPeer.Asked) => void) =>
  Effect.gen(function* () {
    const peer = yield* GrpcPeer.make()
    const { client } = yield* connect(peer.address)
    const fiber = yield* fork(client.ask({ text: "x" }))
    const asked = yield* peer.next
    yield* asked.ended
    answer(asked)
    return yield* failureOf(fiber)
  })

live(
  "a failure has the metadata before and behind it",
  Effect.gen(function* () {
    const error = yield* failureWith((asked) => {
      asked.head({ "served-by": "a" })
      asked.send(GrpcPeer.message("ignored")).end({ "grpc-status": "5", cost: "3" })
    })
    assert.strictEqual(error.reason._tag, "StatusError")
    assert.strictEqual(Metadata.get(GrpcClient.metadata(error), "served-by"), "a")
    assert.strictEqual(Metadata.get(GrpcClient.trailers(error), "cost"), "3")
  })
)

live(
  "a failure without a head has none",
  Effect.gen(function* () {
    const error = yield* failureWith((asked) => asked.trailersOnly({ "grpc-status": "5", cost: "3" }))
    assert.isTrue(Metadata.isEmpty(GrpcClient.metadata(error)))
    assert.strictEqual(Metadata.get(GrpcClient.trailers(error), "cost"), "3")
  })
)

live(
  "a status before messages is none",
  Effect.gen(function* () {
    const error = yield* failureWith((asked) => {
      asked.stream.respond({ ":status": 200, "content-type": "application/grpc+proto", "grpc-status": "9" })
      asked.stream.end(GrpcPeer.message("a message"))
    })
    assert.strictEqual(error.reason._tag, "StatusError")
    assert.strictEqual(error.reason._tag === "StatusError" ? error.reason.code : undefined, 2)
  })
)

live(
  "a status in a head that an empty end follows is the call's",
  Effect.gen(function* () {
    const error = yield* failureWith((asked) => {
      asked.stream.respond({ ":status": 200, "content-type": "application/grpc+proto", "grpc-status": "9" })
      asked.stream.end()
    })
    assert.strictEqual(error.reason._tag === "StatusError" ? error.reason.code : undefined, 9)
  })
)

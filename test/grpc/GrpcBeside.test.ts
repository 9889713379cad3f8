/** What callers and handlers know of a call and tell each other beside its messages; both sides ours. */
import { assert, describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as Call from "../../src/Call.ts"
import * as CallOptions from "../../src/CallOptions.ts"
import * as Instance from "../../src/discovery/Instance.ts"
import * as GrpcClient from "../../src/grpc/GrpcClient.ts"
import * as ServiceConfig from "../../src/grpc/ServiceConfig.ts"
import type * as Layer from "../../src/Layer.ts"
import * as Metadata from "../../src/Metadata.ts"
import type * as Reply from "../../src/Reply.ts"
import * as ReplyMetadata from "../../src/ReplyMetadata.ts"
import { RpcError, StatusError } from "../../src/RpcError.ts"
import * as StreamOptions from "../../src/StreamOptions.ts"
import { failure } from "../fixtures/Connected.ts"
import { connect } from "../fixtures/GrpcConnected.ts"
import { type Handlers, serve } from "../fixtures/GrpcServed.ts"
import { live } from "../fixtures/ServedProbe.ts"

const start = (handlers: Handlers, middleware?: Layer.Middleware) =>
  Effect.gen(function* () {
    const listener = yield* serve(handlers)
    return yield* connect(Instance.formatAddress(listener.address), undefined, middleware)
  })

describe("beside the messages of a call", () => {
  live(
    "a handler says when a call may be made again",
    Effect.gen(function* () {
      const { client } = yield* start({
        ask: ({ text }) =>
          Effect.andThen(
            ReplyMetadata.appendTrailer("grpc-retry-pushback-ms", text),
            Effect.fail(new RpcError({ method: "", reason: new StatusError({ code: 8, detail: "busy" }) }))
          )
      })
      for (const [text, wish] of [
        ["120", 120],
        ["-1", -1],
        ["soon", -1]
      ] as const) {
        const error = failure(yield* Effect.exit(client.ask({ text })))
        assert.strictEqual(GrpcClient.pushback(error), wish)
        assert.deepStrictEqual(GrpcClient.trailers(error).entries, [])
      }
    })
  )

  live(
    "options of calls that give a stream, and what came beside their replies",
    Effect.gen(function* () {
      const { client } = yield* start({
        list: ({ text }) =>
          Stream.unwrap(
            Effect.gen(function* () {
              const call = yield* Call.Current
              yield* ReplyMetadata.append("saw", Metadata.get(call!.metadata, "key") ?? "nothing")
              yield* ReplyMetadata.appendTrailer("sum", "2")
              yield* ReplyMetadata.setBackward("COST", "5")
              return text === "wait" ? Stream.concat(Stream.make("a"), Stream.never) : Stream.make("a", "b")
            })
          ),
        ask: ({ text }) => Effect.as(ReplyMetadata.append("saw", text), text)
      })
      const replies: Array<Reply.Reply> = []
      const hearing = CallOptions.withReply((reply) => Effect.sync(() => void replies.push(reply)))
      const texts = yield* client
        .list({ text: "x" })
        .pipe(
          StreamOptions.provide(CallOptions.withMetadata("key", "1"), CallOptions.withTimeout("1 minute"), hearing),
          Stream.runCollect
        )
      assert.deepStrictEqual(texts, ["a", "b"])
      yield* client.ask({ text: "y" }).pipe(hearing)
      assert.deepStrictEqual(
        replies.map(({ metadata }) => Metadata.get(metadata, "saw")),
        ["1", "y"]
      )
      assert.strictEqual(Metadata.get(replies[0]!.trailers, "sum"), "2")
      assert.strictEqual(replies[0]!.backward.get("COST"), "5")
      const late = yield* client
        .list({ text: "wait" })
        .pipe(StreamOptions.provide(CallOptions.withTimeout("50 millis")), Stream.runCollect, Effect.exit)
      assert.strictEqual(failure(late).reason._tag, "DeadlineExceeded")
    })
  )

  live(
    "a handler knows which attempt of a call it serves",
    Effect.gen(function* () {
      const attempts: Array<number> = []
      const { client } = yield* start(
        {
          ask: ({ text }) =>
            Effect.flatMap(Call.Current, (call) => {
              attempts.push(call!.attempt)
              return attempts.length < 3
                ? Effect.fail(new RpcError({ method: "", reason: new StatusError({ code: 14, detail: "busy" }) }))
                : Effect.succeed(text)
            })
        },
        ServiceConfig.layer(
          ServiceConfig.parseUnsafe({
            methodConfig: [
              {
                name: [{}],
                retryPolicy: {
                  maxAttempts: 3,
                  initialBackoff: "0.001s",
                  maxBackoff: "0.001s",
                  backoffMultiplier: 1,
                  retryableStatusCodes: ["UNAVAILABLE"]
                }
              }
            ]
          })
        )
      )
      assert.strictEqual(yield* client.ask({ text: "x" }), "x")
      assert.deepStrictEqual(attempts, [0, 1, 2])
    })
  )
})

/** Responses of gRPC that are almost right: our client answers each with a value or a typed error, and serves on. */
import { assert, describe, it } from "@effect/vitest"
import { gzipSync } from "node:zlib"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Stream from "effect/Stream"
import { isRpcError } from "../../src/RpcError.ts"
import type { HeaderList } from "../../src/transport/http2/Headers.ts"
import * as HpackEncoder from "../../src/transport/http2/HpackEncoder.ts"
import type { ServerStream } from "../../src/transport/http2/ServerStream.ts"
import { connect } from "../fixtures/GrpcConnected.ts"
import * as GrpcPeer from "../fixtures/GrpcPeer.ts"
import { Refused } from "../fixtures/GrpcProbe.ts"
import * as EchoServer from "../transport/http2/EchoServer.ts"
import * as Budget from "./Budget.ts"
import { mutate } from "./Mutation.ts"
import { Random } from "./Random.ts"

const head = HpackEncoder.prepare([":status", "200", "content-type", "application/grpc"])
const noFields = HpackEncoder.prepare([])

const bodies = [
  GrpcPeer.message("hello"),
  Buffer.concat([GrpcPeer.message("a"), GrpcPeer.message("b")]),
  GrpcPeer.frame(gzipSync(GrpcPeer.encodeText("hello hello hello")), true),
  GrpcPeer.message("x".repeat(300)),
  Buffer.alloc(5)
]

const values = [
  "0",
  "5",
  "14",
  "77",
  "",
  "x",
  "-1",
  "%",
  "%E2%82",
  "%20a",
  "AAAA",
  "CAUSA25v",
  "gzip",
  "br",
  "identity",
  "9999999999"
]
const names = [
  "grpc-status",
  "grpc-message",
  "grpc-status-details-bin",
  "grpc-encoding",
  "grpc-retry-pushback-ms",
  "biz-status",
  "biz-extra",
  "rpc-backward-.a.zz",
  "rpc-backward-x-bin",
  "any-bin",
  "content-type"
]

const fields = (random: Random, isTrailers: boolean): HeaderList => {
  const list: Array<string> = []
  if (isTrailers && random.below(8) > 0) list.push("grpc-status", random.pick(["0", "0", "0", "9"]))
  for (let count = random.below(3); count > 0; count--) list.push(random.pick(names), random.pick(values))
  return list
}

/** Answers with a response drawn from `random`. */
const answer = (random: Random, stream: ServerStream): void => {
  if (random.below(20) === 0) return stream.respond(head, fields(random, true), true)
  stream.respond(head, random.below(3) === 0 ? fields(random, false) : ["grpc-encoding", "gzip"])
  const body = random.below(4) === 0 ? random.pick(bodies) : mutate(random, bodies)
  const cut = random.below(body.length + 1)
  stream.write(Buffer.from(body.subarray(0, cut)))
  stream.write(Buffer.from(body.subarray(cut)))
  if (random.below(20) === 0) stream.reset(random.below(16))
  else stream.end(noFields, fields(random, true))
}

describe("gRPC responses that are almost right", () => {
  it.live(
    "are values or typed errors, unary and streamed",
    () =>
      Effect.scoped(
        Effect.gen(function* () {
          const random = new Random(20_261_121)
          let isHonest = false
          const server = yield* Effect.promise(() =>
            EchoServer.listen({
              onStream: (stream) => ({
                onData: (_bytes, start, end) => stream.consume(end - start),
                onEnd: () => {
                  if (!isHonest) return answer(random, stream)
                  stream.respond(head)
                  stream.write(bodies[0]!)
                  stream.end(noFields, ["grpc-status", "0"])
                },
                onReset: () => {},
                onDrain: () => {}
              })
            })
          )
          const { client, close, link } = yield* connect(`127.0.0.1:${server.port}`)
          const outcomes = new Map<string, number>()
          const count = (outcome: string) => Effect.sync(() => outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1))
          const check = <A>(exit: Exit.Exit<A, unknown>) => {
            if (Exit.isSuccess(exit)) return count("value")
            const [reason] = exit.cause.reasons
            if (reason?._tag !== "Fail") return Effect.die(exit.cause)
            const { error } = reason
            if (isRpcError(error)) return count(error.reason._tag)
            assert.instanceOf(error, Refused)
            return count("Refused")
          }
          const one = (i: number) =>
            Effect.flatMap(
              Effect.exit<unknown, unknown, never>(
                i % 3 === 0 ? Stream.runCollect(client.list({ text: "x" })) : client.ask({ text: "x" })
              ),
              check
            )
          const times = Budget.inputs
          yield* Effect.forEach(
            Array.from({ length: times }, (_, i) => i),
            one,
            { concurrency: 32, discard: true }
          )
          isHonest = true
          assert.strictEqual(yield* client.ask({ text: "x" }), "hello")
          assert.strictEqual(link.inFlight(), 0)
          assert.isAbove(outcomes.get("value") ?? 0, times / 50)
          assert.isAbove(outcomes.get("ProtocolError") ?? 0, times / 10)
          assert.isAbove(outcomes.get("StatusError") ?? 0, times / 50)
          Budget.report("gRPC responses", Object.fromEntries(outcomes))
          yield* close
          yield* Effect.promise(() => server.empty())
          yield* Effect.promise(() => server.stop())
        })
      ),
    Budget.timeout
  )
})

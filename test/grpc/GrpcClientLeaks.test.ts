/** Calls that are given up at any moment leave nothing behind: no stream, no timer, no fiber. */
import { assert } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { TestClock } from "effect/testing"
import * as CallOptions from "../../src/CallOptions.ts"
import * as Instance from "../../src/discovery/Instance.ts"
import { Endpoint } from "../../src/Endpoint.ts"
import * as GrpcClient from "../../src/grpc/GrpcClient.ts"
import { Connector } from "../../src/transport/Connector.ts"
import * as Deadlines from "../../src/transport/Deadlines.ts"
import * as HpackEncoder from "../../src/transport/http2/HpackEncoder.ts"
import type { StreamHandler } from "../../src/transport/http2/Http2Stream.ts"
import type { ServerStream } from "../../src/transport/http2/ServerStream.ts"
import { Random } from "../fuzz/Random.ts"
import * as GrpcPeer from "../fixtures/GrpcPeer.ts"
import { GrpcProbe } from "../fixtures/GrpcProbe.ts"
import { timed } from "../fixtures/GrpcServed.ts"
import { settled, turn } from "../fixtures/ServedProbe.ts"
import { environment } from "../transport/http2/Environment.ts"
import * as EchoServer from "../transport/http2/EchoServer.ts"

const head = HpackEncoder.prepare([":status", "200", "content-type", "application/grpc"])
const ok = HpackEncoder.prepare(["grpc-status", "0"])

/** Answers when it likes, and not always. */
const moody =
  (random: Random) =>
  (stream: ServerStream): StreamHandler => {
    const later = (what: () => void) => void (random.below(3) === 0 ? what() : setImmediate(what))
    return {
      onData: (_bytes, start, end) => stream.consume(end - start),
      onEnd: () => {
        const mood = random.below(10)
        if (mood === 0) return
        later(() => {
          if (!stream.isResponded) stream.respond(head)
          stream.write(GrpcPeer.message("x"))
          if (mood > 2) later(() => stream.end(ok))
        })
      },
      onReset: () => {},
      onDrain: () => {}
    }
  }

timed(
  "4,000 calls of all kinds, a good part of them interrupted or late",
  Effect.gen(function* () {
    const random = new Random(77)
    const server = yield* Effect.promise(() =>
      EchoServer.listen({
        onStream: moody(random),
        environment: environment({ resets: { burst: Infinity, perSecond: 0 } })
      })
    )
    const scope = yield* Scope.make()
    // Layers are shared by identity: these are the timers that the client has.
    const built = yield* Layer.buildWithScope(Layer.merge(GrpcClient.layer(), Deadlines.layer), scope)
    const { pending } = Context.get(built, Deadlines.Deadlines)
    const link = yield* Context.get(built, Connector)
      .open(Instance.make({ _tag: "Tcp", host: "127.0.0.1", port: server.port }))
      .pipe(Scope.provide(scope))
    const layer = Layer.provide(GrpcProbe.client, Layer.succeed(Endpoint, link.endpoint))
    const client = Context.get(yield* Layer.buildWithScope(layer, scope), GrpcProbe)
    let producing = 0
    const requests = () =>
      Stream.unwrap(
        Effect.sync(() => {
          producing++
          return Stream.concat(Stream.make({ text: "a" }), random.below(2) === 0 ? Stream.empty : Stream.never)
        })
      ).pipe(
        Stream.ensuring(
          Effect.sync(() => {
            producing--
          })
        )
      )
    const kinds: ReadonlyArray<() => Effect.Effect<unknown, unknown>> = [
      () => client.ask({ text: "x" }),
      () => client.join(requests()),
      () => Stream.runDrain(client.list({ text: "x" })),
      () => Stream.runDrain(client.chat(requests()))
    ]
    const one = Effect.gen(function* () {
      const call = random
        .pick(kinds)()
        .pipe(CallOptions.withTimeout(`${5 + random.below(40)} millis`))
      const fiber = yield* Effect.forkChild(Effect.exit(call), { startImmediately: random.below(2) === 0 })
      for (let turns = random.below(6); turns > 0; turns--) yield* Effect.yieldNow
      if (random.below(2) === 0) yield* Fiber.interrupt(fiber)
      else yield* Fiber.await(fiber)
    })
    const run = Effect.fnUntraced(function* (count: number) {
      const all = Effect.all(
        Array.from({ length: count }, () => one),
        { concurrency: 64, discard: true }
      )
      const fiber = yield* Effect.forkChild(all, { startImmediately: true })
      // A millisecond each turn: deadlines pass whatever the machine is busy with.
      while (fiber.pollUnsafe() === undefined) {
        yield* TestClock.adjust("1 millis")
        yield* turn
      }
      yield* Fiber.join(fiber)
    })
    yield* run(64)
    yield* settled(() => link.inFlight() === 0)
    const idle = pending()
    assert.isAbove(idle, 0, "an idle connection is watched")
    yield* run(4000)
    assert.strictEqual(link.inFlight(), 0)
    assert.strictEqual(producing, 0, "streams of requests that still run")
    assert.isAtMost(pending(), idle, "timers that nobody cancelled")
    const [session] = server.sessions
    yield* settled(() => session!.streamCount === 0)
    assert.strictEqual(server.sessions.size, 1)
    yield* Scope.close(scope, Exit.void)
    assert.strictEqual(pending(), 0)
    yield* Effect.promise(() => server.empty())
    yield* Effect.promise(() => server.stop())
  })
)

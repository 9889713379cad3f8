import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as TestClock from "effect/testing/TestClock"
import * as Call from "../src/Call.ts"
import * as CallOptions from "../src/CallOptions.ts"
import * as Contract from "../src/Contract.ts"
import { Endpoint } from "../src/Endpoint.ts"
import * as Metadata from "../src/Metadata.ts"
import * as Metainfo from "../src/Metainfo.ts"
import * as Method from "../src/Method.ts"
import * as Reply from "../src/Reply.ts"

class Echo extends Contract.Service<Echo>()("acme.Echo", {
  echo: Method.unary<string, string>({ contract: "acme.Echo", name: "echo", codec: { protocol: "none" } })
}) {}

/** The call that a client makes, under options. */
const callUnder = <E, R>(
  options: (effect: Effect.Effect<string, E, Echo>) => Effect.Effect<string, E, R>
): Effect.Effect<Call.Call> => {
  const calls: Array<Call.Call> = []
  const recording = Layer.succeed(Endpoint, (call) => {
    calls.push(call)
    return Effect.succeed(Reply.succeed(call.payload))
  })
  return options(Echo.use((echo) => echo.echo("a")) as Effect.Effect<string, E, Echo>).pipe(
    Effect.provide(Echo.client.pipe(Layer.provide(recording))),
    Effect.orDie,
    Effect.map(() => {
      const [call] = calls
      assert(call !== undefined)
      return call
    })
  ) as Effect.Effect<Call.Call>
}

describe("CallOptions", () => {
  it.effect("without options a call has nothing but method and payload", () =>
    Effect.gen(function* () {
      const call = yield* callUnder((effect) => effect)
      assert.deepStrictEqual(call, Call.make(Echo.methods.echo, "a"))
    })
  )

  it.effect("whoever made the call hears of its reply, be it a declared error", () =>
    Effect.gen(function* () {
      const heard: Array<readonly [string, unknown]> = []
      const hear = (name: string) => (reply: Reply.Reply) =>
        Effect.sync(() => void heard.push([name, Metadata.get(reply.metadata, "key")]))
      const answering = (reply: Reply.Reply) =>
        Echo.use((echo) => echo.echo("a")).pipe(
          CallOptions.withReply(hear("inner")),
          CallOptions.withReply(hear("outer")),
          Effect.exit,
          Effect.provide(Echo.client.pipe(Layer.provide(Layer.succeed(Endpoint, () => Effect.succeed(reply)))), {
            local: true
          })
        )
      const metadata = Metadata.fromEntries([["key", "1"]])
      const good = yield* answering({ ...Reply.succeed("b"), metadata })
      assert.strictEqual(good._tag, "Success")
      const bad = yield* answering(Reply.fail("declared"))
      assert.strictEqual(bad._tag, "Failure")
      assert.deepStrictEqual(heard, [
        ["inner", "1"],
        ["inner", undefined]
      ])
    })
  )

  it.effect("a timeout becomes a deadline, and the shortest of several holds", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(1_000)
      const once = yield* callUnder(CallOptions.withTimeout("50 millis"))
      assert.strictEqual(once.deadline, 1_050)
      const inner = yield* callUnder((effect) =>
        effect.pipe(CallOptions.withTimeout("50 millis"), CallOptions.withTimeout("1 second"))
      )
      assert.strictEqual(inner.deadline, 1_050)
      const outer = yield* callUnder((effect) =>
        effect.pipe(CallOptions.withTimeout("1 second"), CallOptions.withTimeout("50 millis"))
      )
      assert.strictEqual(outer.deadline, 1_050)
    })
  )

  it.effect("an infinite timeout sets no deadline and lifts none", () =>
    Effect.gen(function* () {
      const alone = yield* callUnder(CallOptions.withTimeout("Infinity"))
      assert.strictEqual(alone.deadline, undefined)
      const inner = yield* callUnder((effect) =>
        effect.pipe(CallOptions.withTimeout("Infinity"), CallOptions.withTimeout("1 second"))
      )
      assert.strictEqual(inner.deadline, 1_000)
    })
  )

  it.effect("all of them arrive in the call", () =>
    Effect.gen(function* () {
      const call = yield* callUnder((effect) =>
        effect.pipe(
          CallOptions.withMetadata("Trace", "1"),
          CallOptions.withMetadata("trace", "2"),
          CallOptions.withPersistent("Lane", "blue"),
          CallOptions.withTransient("Hop", "1"),
          CallOptions.withTag("zone", "a"),
          CallOptions.withHashKey("user-7"),
          CallOptions.withInstance("127.0.0.1:80"),
          CallOptions.withRetry(false)
        )
      )
      assert.deepStrictEqual(Metadata.getAll(call.metadata, "trace").toSorted(), ["1", "2"])
      assert.strictEqual(call.metainfo.persistent.get("Lane"), "blue")
      assert.strictEqual(call.metainfo.transient.get("Hop"), "1")
      assert.deepStrictEqual(Object.fromEntries(call.tags), { zone: "a" })
      assert.strictEqual(call.hashKey, "user-7")
      assert.strictEqual(call.instance, "127.0.0.1:80")
      assert.deepStrictEqual([call.attempt, call.tried], [0, []])
    })
  )

  it.effect("a call made while serving inherits deadline and persistent metainfo, and adds its own", () =>
    Effect.gen(function* () {
      const served: Call.Call = {
        ...Call.make(Echo.methods.echo, "outer"),
        deadline: 500,
        metadata: Metadata.fromEntries([["secret", "1"]]),
        metainfo: Metainfo.withTransient(Metainfo.withPersistent(Metainfo.empty, "Lane", "blue"), "Hop", "1"),
        peer: "10.0.0.1:1"
      }
      const serving = Effect.provideService(Call.Current, served)
      const plain = yield* callUnder((effect) => serving(effect))
      assert.deepStrictEqual(plain, {
        ...Call.make(Echo.methods.echo, "a"),
        deadline: 500,
        metainfo: Metainfo.withPersistent(Metainfo.empty, "Lane", "blue")
      })
      const shorter = yield* callUnder((effect) => serving(CallOptions.withTimeout("100 millis")(effect)))
      assert.strictEqual(shorter.deadline, 100)
      const longer = yield* callUnder((effect) =>
        serving(effect.pipe(CallOptions.withTimeout("1 minute"), CallOptions.withPersistent("User", "7")))
      )
      assert.strictEqual(longer.deadline, 500)
      assert.deepStrictEqual(Object.fromEntries(longer.metainfo.persistent), { Lane: "blue", User: "7" })
      assert.strictEqual(longer.metainfo.transient.size, 0)
    })
  )
})

import { assert } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import * as Call from "../../src/Call.ts"
import * as StatusDetails from "../../src/grpc/StatusDetails.ts"
import * as ReplyMetadata from "../../src/ReplyMetadata.ts"
import { BizError, Overloaded, RpcError, StatusError } from "../../src/RpcError.ts"
import { Refused } from "../fixtures/GrpcProbe.ts"
import { live, metadata, outcomeOf, promise, settled, start, timed } from "../fixtures/GrpcServed.ts"

live(
  "a unary call",
  Effect.gen(function* () {
    const { js, listener } = yield* start({
      ask: ({ text }) => Effect.delay(Effect.succeed(`late ${text}`), "1 millis")
    })
    const late = yield* promise(() => js.unary("ask", "é"))
    assert.deepStrictEqual([late.code, late.replies], [0, ["late é"]])
    const atOnce = yield* promise(() => js.unary("askAgain", ""))
    assert.deepStrictEqual([atOnce.code, atOnce.replies], [0, [""]])
    const empty = yield* promise(() => js.unary("tell", "x"))
    assert.deepStrictEqual([empty.code, empty.replies], [0, [""]])
    assert.strictEqual(listener.inFlight(), 0)
    assert.strictEqual(listener.connections(), 1)
  })
)

live(
  "large messages, both ways",
  Effect.gen(function* () {
    const { js } = yield* start()
    for (const size of [16_379, 70_000, 1_000_000, 4_000_000]) {
      const text = "x".repeat(size)
      const { code, replies } = yield* promise(() => js.unary("ask", text))
      assert.strictEqual(code, 0)
      assert.isTrue(replies[0] === text)
    }
  })
)

live(
  "the four kinds",
  Effect.gen(function* () {
    const { js } = yield* start()
    const list = yield* promise(() => outcomeOf(js.serverStream("list", "a,b,c")))
    assert.deepStrictEqual([list.code, list.replies], [0, ["a", "b", "c"]])

    const join = js.clientStream("join")
    for (const text of ["a", "b", "c"]) join.call.write({ text })
    join.call.end()
    const joined = yield* promise(() => join.outcome)
    assert.deepStrictEqual([joined.code, joined.replies], [0, ["a,b,c"]])

    const chat = js.bidi("chat")
    const all = outcomeOf(chat)
    const heard: Array<string> = []
    chat.on("data", (reply: string) => {
      heard.push(reply)
      if (heard.length < 5) chat.write({ text: `${heard.length}` })
      else chat.end()
    })
    chat.write({ text: "0" })
    const chatted = yield* promise(() => all)
    assert.deepStrictEqual([chatted.code, chatted.replies], [0, ["0", "1", "2", "3", "4"]])
  })
)

live(
  "streams that are empty",
  Effect.gen(function* () {
    const { js } = yield* start({ list: () => Stream.empty })
    const list = yield* promise(() => outcomeOf(js.serverStream("list", "")))
    assert.deepStrictEqual([list.code, list.replies], [0, []])
    const join = js.clientStream("join")
    join.call.end()
    assert.deepStrictEqual((yield* promise(() => join.outcome)).replies, [""])
    const chat = js.bidi("chat")
    chat.end()
    assert.deepStrictEqual((yield* promise(() => outcomeOf(chat))).replies, [])
  })
)

live(
  "statuses: of declared errors, of failures of the framework, of defects",
  Effect.gen(function* () {
    const { js } = yield* start({
      ask: ({ text }) => {
        switch (text) {
          case "refused":
            return Effect.fail(new Refused({ why: "née" }))
          case "status": {
            const details = [StatusDetails.detail("a.B", Uint8Array.of(1, 2))]
            return Effect.fail(
              new RpcError({ method: "m", reason: new StatusError({ code: 5, detail: "né %\n", details }) })
            )
          }
          case "biz":
            return Effect.fail(
              new RpcError({
                method: "m",
                reason: new BizError({ code: 7, detail: "no", extra: new Map([["k", "é"]]) })
              })
            )
          case "overloaded":
            return Effect.fail(new RpcError({ method: "m", reason: new Overloaded({ limit: "1" }) }))
          case "undeclared":
            return Effect.fail(new Error("secret"))
          case "none":
            return Effect.succeed(undefined)
          case "wrong":
            return Effect.succeed(5)
          case "throw":
            throw new Error("secret")
          default:
            return Effect.delay(Effect.die("secret"), "1 millis")
        }
      }
    })
    const ask = (text: string) => promise(() => js.unary("ask", text))
    const refused = yield* ask("refused")
    assert.strictEqual(refused.code, 9)
    const [bytes] = refused.trailers.get("grpc-status-details-bin")
    const details = StatusDetails.decode(bytes as Buffer)!
    assert.strictEqual(details.code, 9)
    assert.strictEqual(details.details[0]!.typeUrl, "type.googleapis.com/test.Refused")
    assert.strictEqual(Buffer.from(details.details[0]!.value).toString("hex"), "0a046ec3a965")

    const status = yield* ask("status")
    assert.deepStrictEqual([status.code, status.details], [5, "né %\n"])
    assert.isDefined(status.trailers.get("grpc-status-details-bin")[0])

    const biz = yield* ask("biz")
    assert.deepStrictEqual([biz.code, biz.details], [13, "no"])
    assert.deepStrictEqual(
      [biz.trailers.get("biz-status"), biz.trailers.get("biz-extra")],
      [["7"], ['{"k":"\\u00e9"}']]
    )

    assert.strictEqual((yield* ask("overloaded")).code, 8)
    for (const text of ["undeclared", "none", "wrong", "throw", "die"]) {
      const { code, details: message } = yield* ask(text)
      assert.strictEqual(code, 13, text)
      assert.notInclude(message, "secret")
    }
  })
)

live(
  "a stream that fails gives what it had, and then its status",
  Effect.gen(function* () {
    const after = (failure: Stream.Stream<never, unknown>) => Stream.concat(Stream.make("a", "b"), failure)
    const { js, listener } = yield* start({
      list: ({ text }) => {
        if (text === "refused") return after(Stream.fail(new Refused({ why: "no" })))
        if (text === "status")
          return after(Stream.fail(new RpcError({ method: "m", reason: new StatusError({ code: 10, detail: "x" }) })))
        if (text === "wrong") return Stream.make("a", 5)
        return after(Stream.die("secret"))
      }
    })
    const list = (text: string) => promise(() => outcomeOf(js.serverStream("list", text)))
    for (const [text, code, replies] of [
      ["refused", 9, ["a", "b"]],
      ["status", 10, ["a", "b"]],
      ["die", 13, ["a", "b"]],
      ["wrong", 13, ["a"]]
    ] as const) {
      const outcome = yield* list(text)
      assert.deepStrictEqual([outcome.code, outcome.replies], [code, replies] as never, text)
    }
    assert.strictEqual(listener.inFlight(), 0)
  })
)

live(
  "what is not there is UNIMPLEMENTED",
  Effect.gen(function* () {
    const { js } = yield* start()
    for (const path of ["/test.Probe/none", "/test.None/ask", "/Probe/ask", "/test.Probe", "/"]) {
      assert.strictEqual((yield* promise(() => js.unary(path, "x"))).code, 12, path)
    }
  })
)

live(
  "metadata in, and out before and behind the reply",
  Effect.gen(function* () {
    let seen: Call.Call | undefined
    const { js } = yield* start({
      ask: ({ text }) =>
        Effect.gen(function* () {
          seen = yield* Call.Current
          yield* ReplyMetadata.append("first", "1")
          yield* ReplyMetadata.append("bytes-bin", Uint8Array.of(0, 255))
          yield* ReplyMetadata.appendTrailer("last", "2")
          yield* ReplyMetadata.setBackward("ZONE", "b")
          if (text === "fail")
            return yield* new RpcError({ method: "m", reason: new StatusError({ code: 5, detail: "x" }) })
          if (text === "bad") yield* ReplyMetadata.append("grpc-status", "0")
          return text
        }),
      list: () => Stream.fromEffect(Effect.as(ReplyMetadata.append("early", "1"), "x"))
    })
    const sent = metadata({ key: "value", "k-bin": Buffer.from([1, 2]), "rpc-persist-user-id": "7" })
    const { code, metadata: leading, trailers } = yield* promise(() => js.unary("ask", "x", {}, sent))
    assert.strictEqual(code, 0)
    assert.deepStrictEqual(
      seen!.metadata.entries.map(([key, value]) => [key, typeof value === "string" ? value : [...value]]),
      [
        ["key", "value"],
        ["k-bin", [1, 2]]
      ]
    )
    assert.deepStrictEqual(seen!.metainfo.persistent, new Map([["USER_ID", "7"]]))
    assert.match(seen!.peer!, /^127\.0\.0\.1:\d+$/)
    assert.strictEqual(seen!.identity, undefined)
    assert.deepStrictEqual(leading!.get("first"), ["1"])
    assert.deepStrictEqual(leading!.get("bytes-bin"), [Buffer.from([0, 255])])
    assert.deepStrictEqual(trailers.get("last"), ["2"])
    assert.deepStrictEqual(trailers.get("rpc-backward-zone"), ["b"])

    const failed = yield* promise(() => js.unary("ask", "fail"))
    assert.deepStrictEqual([failed.code, failed.metadata?.get("first"), failed.trailers.get("last")], [5, ["1"], ["2"]])
    assert.strictEqual((yield* promise(() => js.unary("ask", "bad"))).code, 13)
    const list = yield* promise(() => outcomeOf(js.serverStream("list", "x")))
    assert.deepStrictEqual([list.metadata?.get("early"), list.replies], [["1"], ["x"]])
  })
)

live(
  "metadata of a stream can go before its first message",
  Effect.gen(function* () {
    const gate = yield* Deferred.make<void>()
    const { js } = yield* start({
      list: () =>
        Stream.unwrap(
          Effect.gen(function* () {
            yield* ReplyMetadata.append("early", "1")
            yield* ReplyMetadata.flush
            yield* Deferred.await(gate)
            return Stream.make("x")
          })
        )
    })
    const call = js.serverStream("list", "x")
    const outcome = outcomeOf(call)
    yield* promise(() => new Promise<void>((resolve) => call.on("metadata", () => resolve())))
    yield* Deferred.succeed(gate, undefined)
    assert.deepStrictEqual((yield* promise(() => outcome)).replies, ["x"])
  })
)

timed(
  "deadlines end handlers and bodies",
  Effect.gen(function* () {
    const ended: Array<string> = []
    const note = (name: string) => Effect.sync(() => ended.push(name))
    let remaining = 0
    const { js, listener } = yield* start({
      ask: () =>
        Effect.gen(function* () {
          remaining = (yield* Call.Current)!.deadline! - (yield* Clock.currentTimeMillis)
          return yield* Effect.never
        }).pipe(Effect.onInterrupt(() => note("ask"))),
      list: () =>
        Stream.concat(Stream.make("a"), Stream.fromEffect(Effect.onInterrupt(Effect.never, () => note("list"))))
    })
    // The peer's own clock goes on, the server's does not: it is the server that ends them.
    const minute = () => ({ deadline: Date.now() + 60_000 })
    const asking = js.unary("ask", "x", minute())
    yield* settled(() => remaining > 0)
    assert.isAtMost(remaining, 60_000)
    yield* TestClock.adjust("1 minute")
    const ask = yield* promise(() => asking)
    assert.strictEqual(ask.code, 4)
    const call = js.serverStream("list", "x", minute())
    let replied = 0
    call.on("data", () => replied++)
    const listing = outcomeOf(call)
    yield* settled(() => replied === 1)
    yield* TestClock.adjust("61 seconds")
    const list = yield* promise(() => listing)
    assert.deepStrictEqual([list.code, list.replies], [4, ["a"]])
    yield* settled(() => ended.length === 2 && listener.inFlight() === 0)
    assert.deepStrictEqual(ended, ["ask", "list"])
  })
)

live(
  "a caller that cancels interrupts its handler",
  Effect.gen(function* () {
    let running = 0
    const forever = Effect.onInterrupt(
      Effect.andThen(
        Effect.sync(() => running++),
        Effect.never
      ),
      () => Effect.sync(() => running--)
    )
    const { js, listener } = yield* start({
      ask: () => forever,
      list: () => Stream.fromEffect(forever),
      join: () => forever,
      chat: () => Stream.fromEffect(forever)
    })
    const calls = [
      js.serverStream("list", "x"),
      js.clientStream("join").call,
      js.bidi("chat"),
      js.unaryCall("ask", "x").call
    ]
    for (const call of calls) call.on("error", () => {})
    yield* settled(() => running === 4)
    assert.strictEqual(listener.inFlight(), 4)
    for (const call of calls) call.cancel()
    yield* settled(() => running === 0 && listener.inFlight() === 0)
  })
)

live(
  "messages over the limits are RESOURCE_EXHAUSTED",
  Effect.gen(function* () {
    const { js } = yield* start({}, { maxReceiveMessageSize: 1000, maxSendMessageSize: 500 })
    assert.strictEqual((yield* promise(() => js.unary("tell", "x".repeat(997)))).code, 0)
    assert.strictEqual((yield* promise(() => js.unary("tell", "x".repeat(998)))).code, 8)
    assert.strictEqual((yield* promise(() => js.unary("ask", "x".repeat(600)))).code, 8)
    const list = yield* promise(() => outcomeOf(js.serverStream("list", `a,${"x".repeat(600)}`)))
    assert.deepStrictEqual([list.code, list.replies], [8, ["a"]])
    const join = js.clientStream("join")
    join.call.write({ text: "a" })
    join.call.write({ text: "x".repeat(2000) })
    assert.strictEqual((yield* promise(() => join.outcome)).code, 8)
  })
)

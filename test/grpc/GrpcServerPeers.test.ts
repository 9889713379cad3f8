import * as Http2 from "node:http2"
import * as Zlib from "node:zlib"
import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { TestClock } from "effect/testing"
import type * as GrpcServer from "../../src/grpc/GrpcServer.ts"
import * as ReplyCompression from "../../src/grpc/ReplyCompression.ts"
import * as Call from "../../src/Call.ts"
import * as ReplyMetadata from "../../src/ReplyMetadata.ts"
import { RpcError, StatusError } from "../../src/RpcError.ts"
import * as Certificate from "../fixtures/Certificate.ts"
import { frame } from "../fixtures/GrpcPeer.ts"
import { answerOf, ask, connect, split, status } from "../fixtures/GrpcRaw.ts"
import { type Handlers, live, portOf, promise, serve, settled, timed } from "../fixtures/GrpcServed.ts"

const start = (own?: Handlers, options?: GrpcServer.Options) =>
  Effect.gen(function* () {
    const listener = yield* serve(own, options)
    return { listener, raw: yield* connect(`http://127.0.0.1:${portOf(listener)}`) }
  })

const path = "/test.Probe/ask"

live(
  "the shape of an answer",
  Effect.gen(function* () {
    const { raw } = yield* start({ ask: ({ text }) => (text === "die" ? Effect.die("x") : Effect.succeed(text)) })
    const good = yield* promise(() => raw.call(path, ask("hi"), { "content-type": "application/grpc+proto" }))
    assert.strictEqual(Number(good.headers[":status"]), 200)
    assert.strictEqual(good.headers["content-type"], "application/grpc+proto")
    assert.strictEqual(good.headers["grpc-accept-encoding"], "identity,gzip,deflate,zstd")
    assert.strictEqual(good.headers["grpc-status"], undefined)
    assert.strictEqual(good.trailers["grpc-status"], "0")
    assert.isTrue(good.body.equals(ask("hi")))
    const bad = yield* promise(() => raw.call(path, ask("die")))
    assert.deepStrictEqual([bad.headers[":status"], bad.headers["grpc-status"], bad.body.length], [200, "13", 0])
    assert.strictEqual(bad.headers["content-type"], "application/grpc")
  })
)

live(
  "requests that are no gRPC",
  Effect.gen(function* () {
    const { raw } = yield* start()
    const get = yield* promise(() => raw.call(path, undefined, { ":method": "GET" }))
    assert.deepStrictEqual([get.headers[":status"], get.headers["allow"]], [405, "POST"])
    for (const type of ["application/json", "application/grpc+json", "application/grpc-web", ""]) {
      const answer = yield* promise(() => raw.call(path, ask("x"), { "content-type": type }))
      assert.strictEqual(Number(answer.headers[":status"]), 415, type)
    }
    assert.strictEqual(status(yield* promise(() => raw.call(path, ask("x")))), 0)
  })
)

live(
  "broken requests, each with its status; the connection lives",
  Effect.gen(function* () {
    const { raw } = yield* start({}, { maxReceiveMessageSize: 1000 })
    const cases: ReadonlyArray<readonly [string, number, Uint8Array | undefined, Http2.OutgoingHttpHeaders?]> = [
      ["no message", 12, undefined],
      ["two messages", 12, Buffer.concat([ask("a"), ask("b")])],
      ["half a message", 13, ask("hello").subarray(0, 8)],
      ["half a prefix", 13, ask("hello").subarray(0, 3)],
      ["a strange flag", 13, Buffer.from([7, 0, 0, 0, 0])],
      ["too large", 8, Buffer.from([0, 255, 255, 255, 255])],
      ["no protobuf", 13, frame(Buffer.from([0x0a, 9, 1]))],
      ["compressed without an encoding", 13, frame(Zlib.gzipSync("x"), true)],
      ["unknown encoding", 12, ask("x"), { "grpc-encoding": "snappy" }],
      ["bad timeout", 13, ask("x"), { "grpc-timeout": "soon" }],
      ["timeout over before it begins", 4, ask("x"), { "grpc-timeout": "0n" }]
    ]
    for (const [name, code, body, headers] of cases) {
      assert.strictEqual(status(yield* promise(() => raw.call(path, body, headers))), code, name)
    }
    for (const [name, code, body] of cases.slice(2, 8)) {
      if (name === "compressed without an encoding") continue
      assert.strictEqual(status(yield* promise(() => raw.call("/test.Probe/join", body))), code, `stream: ${name}`)
    }
    assert.strictEqual(status(yield* promise(() => raw.call(path, ask("x")))), 0)
  })
)

timed(
  "a deadline bounds a request that never ends, and one that is never read",
  Effect.gen(function* () {
    const ended: Array<string> = []
    let made = 0
    const noting = <A, E>(name: string, effect: Effect.Effect<A, E>) =>
      Effect.onInterrupt(effect, () => Effect.sync(() => ended.push(name)))
    const { listener, raw } = yield* start({
      join: (asks) => noting("join", Effect.as(Stream.runDrain(asks), "x")),
      chat: (asks) => Stream.fromEffect(noting("chat", Effect.as(Stream.runDrain(asks), "x"))),
      list: () =>
        Stream.ensuring(
          Stream.map(Stream.range(1, 1_000_000), () => {
            made++
            return "x".repeat(1000)
          }),
          Effect.sync(() => ended.push("list"))
        )
    })
    for (const method of ["join", "chat"]) {
      const stream = raw.request(`/test.Probe/${method}`, { "grpc-timeout": "30m" })
      stream.write(ask("x"))
      const answer = answerOf(stream)
      yield* settled(() => listener.inFlight() === 1)
      yield* TestClock.adjust("29 millis")
      yield* promise(() => raw.sync())
      assert.strictEqual(listener.inFlight(), 1, method)
      yield* TestClock.adjust("6 millis")
      assert.strictEqual(status(yield* promise(() => answer)), 4, method)
    }
    const unread = raw.request("/test.Probe/list", { "grpc-timeout": "30m" })
    let resetCode: number | undefined
    unread.on("close", () => (resetCode = unread.rstCode))
    unread.end(ask("x"))
    yield* settled(() => made > 0)
    yield* promise(() => raw.quiet(() => made))
    yield* TestClock.adjust("36 millis")
    yield* settled(() => ended.length === 3 && listener.inFlight() === 0)
    assert.deepStrictEqual(ended, ["join", "chat", "list"])
    yield* settled(() => resetCode !== undefined)
    assert.strictEqual(resetCode, Http2.constants.NGHTTP2_CANCEL)
  })
)

live(
  "a message in any pieces",
  Effect.gen(function* () {
    const { raw } = yield* start()
    const body = ask("in any pieces")
    for (let size = 1; size <= body.length; size += 3) {
      const stream = raw.request(path)
      const answer = answerOf(stream)
      for (let at = 0; at < body.length; at += size) {
        stream.write(body.subarray(at, at + size))
        yield* promise(() => new Promise<void>((resolve) => setImmediate(resolve)))
      }
      stream.end()
      assert.isTrue((yield* promise(() => answer)).body.equals(body), `${size}`)
    }
  })
)

live(
  "compressed requests are taken, answers are compressed where both sides want it",
  Effect.gen(function* () {
    const { raw } = yield* start({}, { compression: { send: ["zstd", "gzip"], threshold: 10 } })
    const text = "a".repeat(100)
    const plain = split(ask(text))[0]![1]
    const packed = { gzip: Zlib.gzipSync(plain), deflate: Zlib.deflateSync(plain), zstd: Zlib.zstdCompressSync(plain) }
    for (const [encoding, bytes] of Object.entries(packed)) {
      for (const method of ["ask", "join", "chat", "list"]) {
        const answer = yield* promise(() =>
          raw.call(`/test.Probe/${method}`, frame(bytes, true), {
            "grpc-encoding": encoding,
            "grpc-accept-encoding": "identity,gzip"
          })
        )
        assert.strictEqual(status(answer), 0, `${encoding} ${method}`)
        assert.strictEqual(answer.headers["grpc-encoding"], "gzip")
        const [message] = split(answer.body)
        assert.isTrue(message![0])
        assert.isTrue(Zlib.gunzipSync(message![1]).equals(plain))
      }
    }
    const small = yield* promise(() => raw.call(path, ask("x"), { "grpc-accept-encoding": "zstd" }))
    assert.isFalse(split(small.body)[0]![0])
    const unwilling = yield* promise(() => raw.call(path, ask(text)))
    assert.deepStrictEqual([unwilling.headers["grpc-encoding"], split(unwilling.body)[0]![0]], [undefined, false])
  })
)

live(
  "a handler may send its answer as it is",
  Effect.gen(function* () {
    const { raw } = yield* start(
      { ask: ({ text }) => Effect.as(ReplyCompression.set(text.startsWith("b")), text) },
      { compression: { send: ["gzip"], threshold: 0 } }
    )
    for (const [text, isCompressed] of [
      ["a", false],
      ["b", true]
    ] as const) {
      const { body } = yield* promise(() => raw.call(path, ask(text), { "grpc-accept-encoding": "gzip" }))
      assert.strictEqual(split(body)[0]![0], isCompressed)
    }
  })
)

live(
  "a decompression bomb is RESOURCE_EXHAUSTED, of every kind of call",
  Effect.gen(function* () {
    const { raw } = yield* start({}, { maxReceiveMessageSize: 100_000 })
    const bomb = frame(Zlib.gzipSync(Buffer.alloc(20_000_000)), true)
    for (const method of ["ask", "join", "list", "chat"]) {
      const answer = yield* promise(() => raw.call(`/test.Probe/${method}`, bomb, { "grpc-encoding": "gzip" }))
      assert.strictEqual(status(answer), 8, method)
    }
  })
)

live(
  "a caller whose connection is cut interrupts its handlers",
  Effect.gen(function* () {
    let running = 0
    const forever = Effect.onInterrupt(
      Effect.andThen(
        Effect.sync(() => running++),
        Effect.never
      ),
      () => Effect.sync(() => running--)
    )
    const { listener, raw } = yield* start({
      ask: () => forever,
      list: () => Stream.fromEffect(forever),
      join: () => forever,
      chat: () => Stream.fromEffect(forever)
    })
    for (const method of ["ask", "list", "join", "chat"]) raw.request(`/test.Probe/${method}`).end(ask("x"))
    yield* settled(() => running === 4)
    raw.session.destroy()
    yield* settled(() => running === 0 && listener.inFlight() === 0 && listener.connections() === 0)
  })
)

live(
  "calls over the limit of a server are refused, unprocessed",
  Effect.gen(function* () {
    let asked = 0
    const { listener, raw } = yield* start(
      {
        ask: () =>
          Effect.andThen(
            Effect.sync(() => asked++),
            Effect.never
          )
      },
      { maxConcurrency: 2 }
    )
    raw.request(path).end(ask("x"))
    raw.request(path).end(ask("x"))
    yield* settled(() => listener.inFlight() === 2)
    const refused = yield* promise(() => raw.call(path, ask("x")))
    assert.strictEqual(refused.resetCode, Http2.constants.NGHTTP2_REFUSED_STREAM)
    assert.strictEqual(asked, 2)
  })
)

live(
  "TLS, and who the caller is by its certificate",
  Effect.gen(function* () {
    const authority = Certificate.make("authority")
    const server = Certificate.make("server", authority)
    const client = Certificate.make("client", authority)
    const seen: Array<Call.Identity | undefined> = []
    const listener = yield* serve(
      {
        ask: ({ text }) =>
          Effect.map(Call.Current, (call) => {
            seen.push(call!.identity)
            return text
          })
      },
      {
        tls: { key: server.key, cert: server.cert, ca: authority.cert, requestCert: true, rejectUnauthorized: false }
      }
    )
    const url = `https://127.0.0.1:${portOf(listener)}`
    const known = yield* connect(url, { ca: authority.cert, key: client.key, cert: client.cert })
    assert.strictEqual(status(yield* promise(() => known.call(path, ask("x")))), 0)
    const unknown = yield* connect(url, { ca: authority.cert })
    assert.strictEqual(status(yield* promise(() => unknown.call(path, ask("x")))), 0)
    assert.strictEqual(seen[0]?.commonName, "client")
    assert.deepStrictEqual(seen[0]?.names, ["DNS:localhost", "IP Address:127.0.0.1"])
    assert.match(seen[0]!.fingerprint, /^([0-9A-F]{2}:){31}[0-9A-F]{2}$/)
    assert.strictEqual(seen[1], undefined)
  })
)

live(
  "a key that is none is an error of the layer",
  Effect.gen(function* () {
    const error = yield* Effect.flip(serve({}, { tls: { key: "none", cert: "none" } }))
    assert.strictEqual(error._tag, "ListenError")
    assert.include(error.message, "TLS")
  })
)

live(
  "a reply with more metadata than the caller takes fails, and keeps its status where it has one",
  Effect.gen(function* () {
    const listener = yield* serve({
      ask: Effect.fnUntraced(function* ({ text }) {
        if (text === "head") yield* ReplyMetadata.append("key", "v".repeat(1000))
        if (text === "end" || text === "fail") yield* ReplyMetadata.appendTrailer("key", "v".repeat(1000))
        if (text === "fail")
          return yield* new RpcError({ method: "x", reason: new StatusError({ code: 5, detail: "" }) })
        return text
      })
    })
    const raw = yield* connect(`http://127.0.0.1:${portOf(listener)}`, { settings: { maxHeaderListSize: 1000 } })
    yield* promise(() => new Promise<void>((resolve) => raw.session.once("remoteSettings", () => resolve())))
    assert.strictEqual(status(yield* promise(() => raw.call(path, ask("small")))), 0)
    for (const [text, code] of [
      ["head", 13],
      ["end", 13],
      ["fail", 5]
    ] as const) {
      const answer = yield* promise(() => raw.call(path, ask(text)))
      assert.strictEqual(status(answer), code, text)
      assert.match(`${answer.trailers["grpc-message"]}`, /where the peer takes 1000/)
      assert.strictEqual(answer.trailers["key"], undefined)
    }
  })
)

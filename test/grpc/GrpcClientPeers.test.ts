/** grpc-js as the server: other people's code is on the other side of the wire. */
import { assert, describe } from "@effect/vitest"
import * as Grpc from "@grpc/grpc-js"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import * as CallOptions from "../../src/CallOptions.ts"
import * as GrpcClient from "../../src/grpc/GrpcClient.ts"
import * as Metadata from "../../src/Metadata.ts"
import { Reader } from "../../src/wire/Reader.ts"
import * as Certificate from "../fixtures/Certificate.ts"
import { failure, fork, live, success } from "../fixtures/Connected.ts"
import { connect } from "../fixtures/GrpcConnected.ts"
import { encodeText } from "../fixtures/GrpcPeer.ts"
import { type Ask, askCodec } from "../fixtures/GrpcProbe.ts"
import { settled, timed } from "../fixtures/ServedProbe.ts"

const codecs = {
  requestSerialize: (ask: Ask) => encodeText(ask.text),
  requestDeserialize: (bytes: Buffer) => askCodec.decode(new Reader(bytes)),
  responseSerialize: (text: string) => encodeText(text),
  responseDeserialize: (bytes: Buffer) => askCodec.decode(new Reader(bytes)).text
}

const method = (name: string, requestStream: boolean, responseStream: boolean) => ({
  path: `/test.Probe/${name}`,
  requestStream,
  responseStream,
  ...codecs
})

const service = {
  ask: method("ask", false, false),
  list: method("list", false, true),
  join: method("join", true, false),
  chat: method("chat", true, true)
}

/** What the server does with a text: `fail CODE` fails, `wait` never answers, all else comes back. */
const behaviour = (onCancel: () => void): Grpc.UntypedServiceImplementation => ({
  ask: (call: Grpc.ServerUnaryCall<Ask, string>, done: Grpc.sendUnaryData<string>) => {
    const { text } = call.request
    call.on("cancelled", onCancel)
    if (text === "wait") return
    const trailers = new Grpc.Metadata()
    trailers.add("cost-bin", Buffer.of(1, 2))
    for (const who of call.metadata.get("who")) trailers.add("who", who)
    if (text.startsWith("fail"))
      return done({ code: Number(text.slice(5)), details: "as you wish: 100 % é", metadata: trailers })
    const head = new Grpc.Metadata()
    head.add("head", "1")
    call.sendMetadata(head)
    done(null, text, trailers)
  },
  list: (call: Grpc.ServerWritableStream<Ask, string>) => {
    call.on("cancelled", onCancel)
    for (const text of call.request.text.split(",")) if (text !== "wait") call.write(text)
    if (!call.request.text.endsWith("wait")) call.end()
  },
  join: (call: Grpc.ServerReadableStream<Ask, string>, done: Grpc.sendUnaryData<string>) => {
    const texts: Array<string> = []
    call.on("data", ({ text }: Ask) => texts.push(text))
    call.on("end", () => done(null, texts.join()))
    call.on("cancelled", onCancel)
  },
  chat: (call: Grpc.ServerDuplexStream<Ask, string>) => {
    call.on("data", ({ text }: Ask) => call.write(text))
    call.on("end", () => call.end())
    call.on("cancelled", onCancel)
  }
})

const start = (credentials = Grpc.ServerCredentials.createInsecure(), options: Grpc.ServerOptions = {}) =>
  Effect.gen(function* () {
    let cancelled = 0
    const server = new Grpc.Server(options)
    server.addService(
      service,
      behaviour(() => {
        cancelled++
      })
    )
    const port = yield* Effect.callback<number>((resume) =>
      server.bindAsync("127.0.0.1:0", credentials, (_, port) => resume(Effect.succeed(port)))
    )
    yield* Effect.addFinalizer(() => Effect.sync(() => server.forceShutdown()))
    return { address: `127.0.0.1:${port}`, server, cancelled: () => cancelled }
  })

const asks = (...texts: ReadonlyArray<string>): Stream.Stream<Ask> =>
  Stream.fromIterable(texts.map((text) => ({ text })))

describe("GrpcClient with a server of grpc-js", () => {
  live(
    "the four kinds, large messages, compression",
    Effect.gen(function* () {
      const { address } = yield* start()
      for (const options of [{}, { compression: { send: ["gzip"], threshold: 0 } }] as const) {
        const { client } = yield* connect(address, options)
        assert.strictEqual(yield* client.ask({ text: "é" }), "é")
        assert.strictEqual(yield* client.ask({ text: "" }), "")
        const large = "x".repeat(2_000_000)
        assert.isTrue((yield* client.ask({ text: large })) === large)
        assert.deepStrictEqual(yield* Stream.runCollect(client.list({ text: "a,b,c" })), ["a", "b", "c"])
        assert.strictEqual(yield* client.join(asks("a", "b", "c")), "a,b,c")
        assert.deepStrictEqual(yield* Stream.runCollect(client.chat(asks("a", "b", "c"))), ["a", "b", "c"])
        assert.deepStrictEqual(yield* Stream.runCollect(client.chat(asks(large, large))), [large, large])
      }
    })
  )

  live(
    "statuses with their messages and metadata, an unknown method",
    Effect.gen(function* () {
      const { address } = yield* start()
      const { client } = yield* connect(address)
      const error = failure(
        yield* Effect.exit(client.ask({ text: "fail 9" }).pipe(CallOptions.withMetadata("who", "me")))
      )
      assert.isTrue(error.reason._tag === "StatusError" && error.reason.code === 9)
      assert.include(error.message, "as you wish: 100 % é")
      assert.strictEqual(Metadata.get(GrpcClient.trailers(error), "who"), "me")
      assert.deepStrictEqual(Metadata.get(GrpcClient.trailers(error), "cost-bin"), Uint8Array.of(1, 2))
      assert.strictEqual(failure(yield* Effect.exit(client.ask({ text: "fail 14" }))).reason._tag, "Unavailable")
      const unknown = failure(yield* Effect.exit(client.tell({ text: "x" })))
      assert.isTrue(unknown.reason._tag === "StatusError" && unknown.reason.code === 12)
    })
  )

  timed(
    "deadlines and cancellation reach the server",
    Effect.gen(function* () {
      const { address, cancelled } = yield* start()
      const { client } = yield* connect(address)
      const late = yield* Effect.exit(client.ask({ text: "wait" }).pipe(CallOptions.withTimeout("50 millis")))
      assert.strictEqual(failure(late).reason._tag, "DeadlineExceeded")
      yield* settled(() => cancelled() === 1)
      const calls: ReadonlyArray<Effect.Effect<unknown, unknown>> = [
        Stream.runDrain(Stream.take(client.list({ text: "a,b,wait" }), 2)),
        Stream.runDrain(Stream.take(client.chat(Stream.concat(asks("a"), Stream.never)), 1))
      ]
      for (const [i, call] of calls.entries()) {
        yield* call
        yield* settled(() => cancelled() === i + 2)
      }
      const hanging = yield* Effect.forkChild(client.join(Stream.never), { startImmediately: true })
      assert.strictEqual(yield* client.ask({ text: "x" }), "x")
      yield* Fiber.interrupt(hanging)
      yield* settled(() => cancelled() === 4)
    })
  )

  live(
    "1,000 calls at a time while the server makes its connections young: none is lost",
    Effect.gen(function* () {
      const { address } = yield* start(undefined, { "grpc.max_connection_age_ms": 100 })
      const { client } = yield* connect(address)
      const caller = (n: number) =>
        Effect.forEach(
          Array.from({ length: 10 }, (_, i) => `${n} ${i}`),
          (text) => Effect.map(client.ask({ text }), (reply) => assert.strictEqual(reply, text)),
          { discard: true }
        )
      yield* Effect.all(
        Array.from({ length: 1000 }, (_, n) => caller(n)),
        { concurrency: "unbounded", discard: true }
      )
    })
  )

  live(
    "TLS",
    Effect.gen(function* () {
      const authority = Certificate.make("authority")
      const own = Certificate.make("server", authority)
      const pairs = [{ private_key: Buffer.from(own.key), cert_chain: Buffer.from(own.cert) }]
      const { address } = yield* start(Grpc.ServerCredentials.createSsl(null, pairs))
      const { client } = yield* connect(address, { tls: { ca: authority.cert } })
      const fiber = yield* fork(client.ask({ text: "secret" }))
      assert.strictEqual(yield* success(fiber), "secret")
    })
  )
})

/** A page in Chromium calls our server, of another origin, over gRPC-Web, by clients that others wrote. */
import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import { file_greeter, Greeter, HelloReply, NobodyThere } from "../../../examples/greeter/gen/greeter.ts"
import * as Call from "../../../src/Call.ts"
import * as GrpcServer from "../../../src/grpc/GrpcServer.ts"
import * as GrpcWebClient from "../../../src/grpc/GrpcWebClient.ts"
import * as Metadata from "../../../src/Metadata.ts"
import * as ReplyMetadata from "../../../src/ReplyMetadata.ts"
import * as Router from "../../../src/Router.ts"
import { RpcError, StatusError } from "../../../src/RpcError.ts"
import * as Direct from "../../../src/transport/Direct.ts"
import { Listener } from "../../../src/transport/Listener.ts"
import * as Certificate from "../../fixtures/Certificate.ts"
import * as Chromium from "./Chromium.ts"
import * as Peers from "./peers.ts"
import type { Outcome, Run } from "./Results.ts"
import * as Site from "./Site.ts"

const hello = (text: string) => HelloReply.make({ text })

const refusal = Effect.fail(
  new RpcError({ method: "", reason: new StatusError({ code: 7, detail: "not you: é, 100%" }) })
)

/** Says who called, in the head and in the trailers. */
const answer = Effect.gen(function* () {
  const call = yield* Call.Current
  yield* ReplyMetadata.append("zone", `of ${String(Metadata.get(call!.metadata, "x-who"))}`)
  yield* ReplyMetadata.appendTrailer("cost", "3")
})

/** Its `together` calls wait until there are ten of them. */
const served = (options: GrpcServer.Options, onCall: () => void = () => {}) => {
  const waiting: Array<() => void> = []
  const together = Effect.callback<void>((resume) => {
    waiting.push(() => resume(Effect.void))
    if (waiting.length < 10) return
    for (const wake of waiting.splice(0)) wake()
  })
  const handlers = Greeter.serve({
    sayHello: ({ name }) =>
      Effect.gen(function* () {
        onCall()
        yield* answer
        if (name === "eve") return yield* refusal
        if (name === "") return yield* Effect.fail(NobodyThere.make({ name }))
        if (name === "together") yield* together
        return hello(`Hello, ${name}!`)
      }) as never,
    sayHelloOften: ({ name }) => {
      const greetings = Stream.make(hello(`1 ${name}`), hello(`2 ${name}`), hello(`3 ${name}`))
      const all = name === "eve" ? Stream.concat(Stream.take(greetings, 1), Stream.fromEffect(refusal)) : greetings
      return Stream.concat(Stream.drain(Stream.fromEffect(answer)), all)
    },
    sayHelloToAll: () => Effect.succeed(hello("")),
    sayHelloToEach: () => Stream.empty
  })
  return Effect.map(
    Layer.build(Layer.provide(GrpcServer.layer({ host: "127.0.0.1", ...options }), Router.layer(handlers))),
    (context) => {
      const { address } = Context.get(context, Listener)
      const scheme = options.tls === undefined ? "http" : "https"
      return `${scheme}://127.0.0.1:${address._tag === "Tcp" ? address.port : 0}`
    }
  )
}

const ok: Outcome = { texts: [], code: undefined, message: undefined, zone: "of a page", cost: "3" }

/** JSON has no undefined. */
const plain = ({ code, cost, message, texts, zone }: Outcome): Outcome => ({ texts, code, message, zone, cost })

const check = (run: Run): void => {
  const what = `${run.client} at ${run.target}`
  const refused = { ...ok, code: 7, message: "not you: é, 100%" }
  assert.deepStrictEqual(plain(run.unary), { ...ok, texts: ["Hello, you!"] }, what)
  assert.deepStrictEqual(plain(run.stream), { ...ok, texts: ["1 you", "2 you", "3 you"] }, what)
  assert.deepStrictEqual(plain(run.refusedUnary), refused, what)
  assert.deepStrictEqual(plain(run.refusedStream), { ...refused, texts: ["1 eve"] }, what)
  assert.deepStrictEqual(run.closed.texts, [], what)
  assert.isNumber(run.closed.code, what)
}

const callByNode = (url: string) =>
  Greeter.use((greeter) => greeter.sayHello({ name: "node" })).pipe(
    Effect.map(({ text }) => text),
    Effect.provide(
      Greeter.client.pipe(
        Layer.provide(Direct.layer(new URL(url).host)),
        Layer.provide(GrpcWebClient.layer({ http: "1.1", format: "text" }))
      )
    )
  )

describe("gRPC-Web in Chromium", () => {
  it.live("pages of an origin that is welcome call, in each format, over HTTP/1.1 and HTTP/2; others do not", () =>
    Effect.gen(function* () {
      if (Peers.program === undefined) return console.warn("NOT RUN: Chromium, absent")
      const site = yield* Site.make
      const web = { origins: [site.origin] }
      const { cert, key } = Certificate.make("localhost")
      let seenByClosed = 0
      const targets = [
        { name: "HTTP/1.1", url: yield* served({ web }), isHttp2: false },
        { name: "HTTP/2 over TLS", url: yield* served({ web, tls: { cert, key } }), isHttp2: true }
      ]
      const closed = yield* served({ web: { origins: ["https://elsewhere.example"] } }, () => seenByClosed++)
      site.set({ targets, closed, file: file_greeter().encoded.replaceAll(/\s/g, "") })
      const ended = yield* Chromium.open(Peers.program, `${site.origin}/`)
      const early = Effect.flatMap(ended, (output) => Effect.die(new Error(`Chromium has ended: ${output}`)))
      const report = yield* Effect.raceFirst(site.report, early).pipe(Effect.timeout("90 seconds"))
      assert.isUndefined(report.error, report.error)
      for (const run of report.runs) {
        check(run)
        const isHttp2 = run.target !== "HTTP/1.1"
        assert.strictEqual(run.together.length, isHttp2 ? 10 : 0, "more calls at a time than HTTP/1.1 has connections")
      }
      assert.strictEqual(report.runs.length, 6)
      assert.strictEqual(seenByClosed, 0, "the preflight keeps calls away")
      assert.strictEqual(yield* callByNode(closed), "Hello, node!")
      assert.strictEqual(seenByClosed, 1, "those who are no page may call")
      console.log(report.runs.map(({ client, target }) => `${client} at ${target}: as it should be`).join("\n"))
    }).pipe(Effect.scoped)
  )
})

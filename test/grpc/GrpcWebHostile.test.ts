/** gRPC-Web for those who mean harm: garbage that must leave nothing behind, and pages of origins that may not call. */
import { assert } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Endpoint } from "../../src/Endpoint.ts"
import * as GrpcServer from "../../src/grpc/GrpcServer.ts"
import * as Router from "../../src/Router.ts"
import * as Deadlines from "../../src/transport/Deadlines.ts"
import { GrpcProbe } from "../fixtures/GrpcProbe.ts"
import { ask } from "../fixtures/GrpcRaw.ts"
import { handlers, live, portOf, promise, settled } from "../fixtures/GrpcServed.ts"
import { binary, connect, text, toText, versions } from "../fixtures/WebRaw.ts"

const path = "/test.Probe/ask"
const allowed = "https://app.example.com"

/** A server whose timers can be counted, for pages of one origin. */
const start = Effect.gen(function* () {
  const router = Router.layer(GrpcProbe.serve(handlers({})) as Layer.Layer<never>)
  const context = yield* Layer.build(Layer.merge(router, Deadlines.layer))
  const listener = yield* GrpcServer.make({ host: "127.0.0.1", web: { origins: [allowed] } }).pipe(
    Effect.provideContext(
      Context.pick(
        Endpoint,
        Router.Router,
        Deadlines.Deadlines
      )(context as Context.Context<any>) as Context.Context<any>
    )
  )
  const { pending } = Context.get(context, Deadlines.Deadlines)
  return { listener, pending, port: portOf(listener) }
})

const trailers = Buffer.from([0x80, 0, 0, 0, 0])

for (const version of versions) {
  const over = `over HTTP/${version}`

  live(
    `requests that hold trailers or no base64 are INTERNAL, and their timers go with them ${over}`,
    Effect.gen(function* () {
      const { listener, pending, port } = yield* start
      yield* Effect.scoped(
        Effect.gen(function* () {
          const web = yield* connect(port, version)
          for (const [type, sent, detail] of [
            [binary, trailers, /flag 128/],
            [binary, Buffer.concat([ask("x"), trailers]), /flag 128/],
            [text, toText(trailers), /flag 128/],
            [text, Buffer.from("AAAA====".repeat(100)), /no base64/],
            [text, Buffer.from([0xff, 0, 10, 13]), /no base64/]
          ] as const) {
            const call = web.open(path, { "content-type": type, "grpc-timeout": "99999999H" })
            call.write(sent)
            const answer = yield* promise(() => call.answer)
            assert.deepStrictEqual([answer.status, answer.headers["grpc-status"]], [200, "13"])
            assert.match(decodeURIComponent(answer.headers["grpc-message"]!), detail)
            call.destroy()
          }
        })
      )
      yield* settled(() => listener.connections() === 0 && listener.inFlight() === 0)
      assert.strictEqual(pending(), 0)
    })
  )

  live(
    `what is refused says as well who may read it, and that caches are to keep it apart ${over}`,
    Effect.gen(function* () {
      const { port } = yield* start
      const web = yield* connect(port, version)
      const preflight = { "access-control-request-method": "POST", "access-control-request-private-network": "true" }
      const requests: ReadonlyArray<readonly [number, string, string, Readonly<Record<string, string>>]> = [
        [200, "POST", path, { "content-type": binary, "grpc-encoding": "what" }],
        [204, "OPTIONS", path, preflight],
        [204, "OPTIONS", path, {}],
        [404, "GET", "/", {}],
        [405, "HEAD", path, {}],
        [415, "POST", path, { "content-type": `text/plain; ${binary}` }],
        ...(version === 1 ? [[505, "POST", path, { "content-type": "application/grpc" }] as const] : [])
      ]
      for (const [status, method, to, sent] of requests) {
        for (const origin of [allowed, "null", "https://APP.example.com", `${allowed}.evil.com`]) {
          const isAllowed = origin === allowed
          const answer = yield* promise(() => web.call(to, undefined, { ...sent, origin }, method))
          const { headers } = answer
          assert.strictEqual(answer.status, !isAllowed && sent === preflight ? 403 : status, `${method} of ${origin}`)
          assert.strictEqual(headers["access-control-allow-origin"], isAllowed ? allowed : undefined)
          assert.strictEqual(headers["vary"], "origin", `${status}`)
          assert.isUndefined(headers["access-control-allow-credentials"])
          assert.isUndefined(headers["access-control-allow-private-network"])
        }
      }
    })
  )
}

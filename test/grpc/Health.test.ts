import { assert } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import * as GrpcServer from "../../src/grpc/GrpcServer.ts"
import * as Health from "../../src/grpc/Health.ts"
import * as Router from "../../src/Router.ts"
import { Listener } from "../../src/transport/Listener.ts"
import { GrpcProbe } from "../fixtures/GrpcProbe.ts"
import { answerOf, connect, type GrpcRaw, split, status } from "../fixtures/GrpcRaw.ts"
import { frame } from "../fixtures/GrpcPeer.ts"
import { handlers, live, portOf, promise, settled } from "../fixtures/GrpcServed.ts"

const probe = "test.Probe"

const request = (service: string): Buffer =>
  frame(service === "" ? Buffer.alloc(0) : Buffer.concat([Buffer.from([0x0a, service.length]), Buffer.from(service)]))

/** The numbers of the enum: 1 SERVING, 2 NOT_SERVING, 3 SERVICE_UNKNOWN. */
const statuses = (body: Buffer): ReadonlyArray<number> => split(body).map(([, bytes]) => bytes[1] ?? 0)

const start = Effect.gen(function* () {
  const scope = yield* Scope.make()
  const context = yield* Layer.build(
    GrpcServer.layer({ host: "127.0.0.1", drainTimeout: "5 seconds" }).pipe(
      Layer.provide(Router.layer(GrpcProbe.serve(handlers({})) as Layer.Layer<never>, Health.serve)),
      Layer.provideMerge(Health.layer)
    )
  ).pipe(Effect.provideService(Scope.Scope, scope))
  const raw = yield* connect(`http://127.0.0.1:${portOf(Context.get(context, Listener))}`)
  return { raw, health: Context.get(context, Health.Health), close: Scope.close(scope, Exit.void) }
})

const check = (raw: GrpcRaw, service: string) =>
  promise(() => raw.call("/grpc.health.v1.Health/Check", request(service))).pipe(
    Effect.map((answer) => [status(answer), ...statuses(answer.body)])
  )

live(
  "Check: what is served is SERVING until something else is said",
  Effect.gen(function* () {
    const { health, raw } = yield* start
    assert.deepStrictEqual(yield* check(raw, ""), [0, 1])
    assert.deepStrictEqual(yield* check(raw, probe), [0, 1])
    assert.deepStrictEqual(yield* check(raw, "test.None"), [5])
    yield* health.set(probe, "NOT_SERVING")
    yield* health.set("other", "UNKNOWN")
    assert.deepStrictEqual(yield* check(raw, probe), [0, 2])
    assert.deepStrictEqual(yield* check(raw, "other"), [0, 0])
    yield* health.clear(probe)
    assert.deepStrictEqual(yield* check(raw, probe), [0, 1])
    yield* health.shutdown
    assert.deepStrictEqual(yield* check(raw, probe), [0, 2])
    assert.deepStrictEqual(yield* check(raw, ""), [0, 2])
  })
)

live(
  "Watch: the status, each change of it, and the end of the server",
  Effect.gen(function* () {
    const { close, health, raw } = yield* start
    const watching = (service: string) => {
      const stream = raw.request("/grpc.health.v1.Health/Watch")
      const seen: Array<number> = []
      stream.on("data", (chunk: Buffer) => seen.push(...statuses(chunk)))
      const answer = answerOf(stream)
      stream.end(request(service))
      return { seen, answer }
    }
    const known = watching(probe)
    const unknown = watching("test.None")
    yield* settled(() => known.seen.length === 1 && unknown.seen.length === 1)
    yield* health.set(probe, "SERVING")
    yield* health.set(probe, "NOT_SERVING")
    yield* health.set("test.None", "SERVING")
    yield* settled(() => known.seen.length === 2 && unknown.seen.length === 2)
    yield* health.set(probe, "SERVING")
    yield* settled(() => known.seen.length === 3)
    yield* close
    assert.strictEqual(status(yield* promise(() => known.answer)), 0)
    assert.deepStrictEqual(known.seen, [1, 2, 1, 2])
    assert.deepStrictEqual(unknown.seen, [3, 1, 2])
  })
)

live(
  "List: all services",
  Effect.gen(function* () {
    const { health, raw } = yield* start
    yield* health.set("other", "NOT_SERVING")
    const { body } = yield* promise(() => raw.call("/grpc.health.v1.Health/List", frame(Buffer.alloc(0))))
    const text = body.toString("latin1")
    for (const service of [probe, "grpc.health.v1.Health", "other"]) assert.include(text, service)
    assert.include(text, "other\x12\x02\x08\x02")
  })
)

import { afterAll, assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as CallOptions from "../../../src/CallOptions.ts"
import * as Router from "../../../src/Router.ts"
import type * as ThriftClient from "../../../src/thrift/ThriftClient.ts"
import * as ThriftServer from "../../../src/thrift/ThriftServer.ts"
import { Listener } from "../../../src/transport/Listener.ts"
import { Random } from "../../fuzz/Random.ts"
import { Svc } from "../../golden/gen/golden.ts"
import { type Cell, table } from "../Cells.ts"
import * as Client from "../Client.ts"
import { SvcLive } from "../golden/Handlers.ts"
import { ChaosProxy } from "./ChaosProxy.ts"
import * as Outcomes from "./Outcomes.ts"

const calls = 2000
const concurrency = 64
/** Milliseconds for each call, and what a busy machine may add to it. */
const timeout = 1000
const slack = 500
const seed = Number(process.env["VOLANT_SEED"] ?? 4711)

const server = ThriftServer.layer({ host: "127.0.0.1", port: 0 }).pipe(Layer.provide(Router.layer(SvcLive)))

const startProxy = (random: Random) =>
  Effect.gen(function* () {
    const { address } = yield* Listener
    const upstream = address._tag === "Tcp" ? address.port : 0
    const proxy = new ChaosProxy({ upstream, random, spacing: 8000, delay: 50 })
    const port = yield* Effect.acquireRelease(
      Effect.promise(() => proxy.listen()),
      () => Effect.promise(() => proxy.close())
    )
    return { proxy, port }
  })

const text = (random: Random, index: number): string => `${index}:${"x".repeat(random.below(400))}`

/** Calls through the proxy, each with a text of its own; behind them a call past the proxy, to a server that must be well. */
const run = Effect.fnUntraced(function* (options: ThriftClient.Options) {
  const random = new Random(seed)
  const { port, proxy } = yield* startProxy(random)
  const outcomes = Outcomes.make()
  yield* Effect.provide(
    Svc.use((svc) =>
      Effect.forEach(
        Array.from({ length: calls }, (_, index) => text(random, index)),
        (s) =>
          Outcomes.note(
            outcomes,
            `call ${s.slice(0, 20)}`,
            CallOptions.withTimeout(timeout)(svc.echo({ s })),
            (back) => back === s,
            timeout + slack
          ).pipe(Effect.flatMap((isValue) => Effect.sleep(isValue ? 0 : 20))),
        { concurrency, discard: true }
      )
    ),
    Svc.client.pipe(Layer.provide(Client.layer(`127.0.0.1:${port}`, options)))
  )
  const { address } = yield* Listener
  const direct = `127.0.0.1:${address._tag === "Tcp" ? address.port : 0}`
  const well = yield* Effect.provide(
    Svc.use((svc) => CallOptions.withTimeout(5000)(svc.echo({ s: "well?" }))),
    Svc.client.pipe(Layer.provide(Client.layer(direct, options)))
  )
  return { outcomes, proxy, well }
})

const cells: Array<Cell> = []
afterAll(() => console.log(table(`chaos, seed ${seed}`, cells)))

const forms = (["binary", "compact"] as const).flatMap((protocol) =>
  (["framed", "buffered"] as const).flatMap((framing) =>
    (["multiplex", "pingpong"] as const).map((order) => ({ protocol, framing, order }))
  )
)

describe.each(forms)(
  `$protocol, $framing, $order: ${calls} calls over connections that break`,
  ({ framing, order, protocol }) => {
    it.live("end with their own value or a typed failure, in time", () =>
      Effect.gen(function* () {
        const { outcomes, proxy, well } = yield* run({
          protocol,
          framing,
          order,
          reconnect: { initial: "5 millis", max: "50 millis" }
        })
        const done = Object.values(proxy.done).reduce((sum, count) => sum + count, 0)
        const ended = outcomes.values + [...outcomes.failures.values()].reduce((sum, count) => sum + count, 0)
        const ok = outcomes.wrong.length === 0 && ended === calls
        cells.push({
          row: `${protocol}, ${framing}, ${order}`,
          column: `${calls} calls`,
          ok,
          text: `${Outcomes.show(outcomes)}; ${done} faults in ${proxy.connections} connections`,
          detail: outcomes.wrong.slice(0, 10).join("\n")
        })
        assert.deepStrictEqual(outcomes.wrong, [])
        assert.strictEqual(ended, calls)
        assert.strictEqual(well, "well?")
        assert.isAbove(done, 20, "the proxy did too little")
        assert.isAbove(outcomes.values, calls / 10, "too few calls came through")
      }).pipe(Effect.provide(server), Effect.scoped)
    )
  }
)

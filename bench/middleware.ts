/**
 * What middleware cost: CPU nanoseconds of one client call that waits for its reply, bare and under the usual three layers,
 * in turn in the same run. `node --conditions=volant-source bench/middleware.ts`
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Stream from "effect/Stream"
import * as P2c from "../src/balancing/P2c.ts"
import * as Balancer from "../src/balancing/Balancer.ts"
import * as Contract from "../src/Contract.ts"
import * as Instance from "../src/discovery/Instance.ts"
import { Resolver } from "../src/discovery/Resolver.ts"
import { Endpoint } from "../src/Endpoint.ts"
import * as Layer from "../src/Layer.ts"
import * as Method from "../src/Method.ts"
import * as Reply from "../src/Reply.ts"
import * as Retry from "../src/resilience/Retry.ts"
import * as Timeout from "../src/resilience/Timeout.ts"
import { Connector } from "../src/transport/Connector.ts"

class Echo extends Contract.Service<Echo>()("bench.Echo", {
  echo: Method.unary<number, number>({ contract: "bench.Echo", name: "echo", codec: { protocol: "none" } })
}) {}

const waiting: Array<() => void> = []
const reply = Exit.succeed(Reply.succeed(1))
const send: Endpoint["Service"] = () =>
  Effect.callback((resume) => {
    waiting.push(() => resume(reply))
  })

const transport = Layer.succeed(Endpoint, send)
const instances = [8080, 8081, 8082].map((port) => Instance.make({ _tag: "Tcp", host: "127.0.0.1", port }))
const balanced = Balancer.layer("echo", P2c.policy).pipe(
  Layer.provide([
    Layer.succeed(Resolver, {
      watch: () => Stream.concat(Stream.succeed({ revision: 1, instances }), Stream.never)
    }),
    Layer.succeed(Connector, { open: () => Effect.succeed({ endpoint: send, inFlight: () => 0 }) })
  ])
)
const timeouts = Layer.stack([Timeout.layer("1 second"), Timeout.layer("200 millis")])
const three = Layer.stack([Timeout.layer("1 second"), Retry.layer(Retry.standard), Timeout.layer("200 millis")])

const stacks: ReadonlyArray<readonly [string, Layer.Layer<Echo>]> = [
  ["bare", Echo.client.pipe(Layer.provide(transport))],
  ["two timeouts", Echo.client.pipe(Layer.provide(timeouts), Layer.provide(transport))],
  ["retry", Echo.client.pipe(Layer.provide(Retry.layer(Retry.standard)), Layer.provide(transport))],
  ["timeout, retry, timeout", Echo.client.pipe(Layer.provide(three), Layer.provide(transport))],
  ["balancer (P2C, 3 instances)", Echo.client.pipe(Layer.provide(balanced))]
]

const calls = 200_000
const outstanding = 64
const rounds = 9

const round = (echo: (n: number) => Effect.Effect<number, unknown>): number => {
  const before = process.cpuUsage()
  for (let done = 0; done < calls; done += outstanding) {
    for (let i = 0; i < outstanding; i++) Effect.runFork(echo(i))
    for (let resume = waiting.pop(); resume !== undefined; resume = waiting.pop()) resume()
  }
  const used = process.cpuUsage(before)
  return ((used.user + used.system) * 1000) / calls
}

const main = Effect.gen(function* () {
  const programs = yield* Effect.forEach(stacks, ([name, layer]) =>
    Effect.map(Layer.build(layer), (context) => ({
      name,
      echo: Context.get(context, Echo).echo,
      nanos: [] as Array<number>
    }))
  )
  for (let i = 0; i < rounds; i++) {
    for (const program of programs) program.nanos.push(round(program.echo))
  }
  const [bare] = programs
  for (const { name, nanos } of programs) {
    const least = Math.min(...nanos)
    const over = least - Math.min(...bare!.nanos)
    console.log(`${name.padEnd(30)}${least.toFixed(0).padStart(6)} ns/call  +${over.toFixed(0)}`)
  }
})

Effect.runFork(Effect.scoped(main))

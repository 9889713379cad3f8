import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { formatAddress } from "../../../src/discovery/Instance.ts"
import type { Endpoint } from "../../../src/Endpoint.ts"
import * as Timeout from "../../../src/resilience/Timeout.ts"
import * as Client from "../Client.ts"
import * as Checks from "./Checks.ts"
import { bits } from "./Checks.ts"
import { SecondService, ThriftTest } from "./gen/ThriftTest.ts"
import { help, type Options, parse, wantsHelp } from "./Options.ts"

const endpoint = ({ address, framing, multiplexed, protocol }: Options): Layer.Layer<Endpoint> =>
  Timeout.layer("10 seconds").pipe(
    Layer.provide(Client.layer(formatAddress(address), { protocol, framing, multiplexed, connectTimeout: "5 seconds" }))
  )

/** Checks a server. */
export const run = (options: Options): Effect.Effect<Checks.Outcome> =>
  Effect.gen(function* () {
    const checks = Checks.all(yield* ThriftTest)
    return yield* Checks.run(options.multiplexed ? [Checks.second(yield* SecondService), ...checks] : checks)
  }).pipe(
    Effect.provide(Layer.mergeAll(ThriftTest.client, SecondService.client).pipe(Layer.provide(endpoint(options))))
  )

const report = ({ failed, passed, unknown }: Checks.Outcome) =>
  Effect.sync(() => {
    for (const line of failed) console.log(`FAIL ${line}`)
    for (const name of unknown) console.log(`not known to the peer: ${name}`)
    console.log(`${passed} passed, ${failed.length} failed`)
  })

export const main = (args: ReadonlyArray<string>): void => {
  if (wantsHelp(args)) return console.log(help("client"))
  process.exitCode = bits.unknown
  try {
    const options = parse(args)
    console.log(`${options.framing}, ${options.protocol}, at ${formatAddress(options.address)}`)
    const loop = Effect.forEach(Array.from({ length: options.loops }), () => Effect.tap(run(options), report))
    NodeRuntime.runMain(
      Effect.map(loop, (outcomes) => void (process.exitCode = outcomes.reduce((code, each) => code | each.code, 0)))
    )
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
  }
}

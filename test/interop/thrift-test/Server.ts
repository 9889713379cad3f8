import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { formatAddress } from "../../../src/discovery/Instance.ts"
import * as VolantLayer from "../../../src/Layer.ts"
import * as Router from "../../../src/Router.ts"
import * as ThriftServer from "../../../src/thrift/ThriftServer.ts"
import { Listener } from "../../../src/transport/Listener.ts"
import { show } from "../Values.ts"
import { SecondServiceLive, ThriftTestLive } from "./Handlers.ts"
import { help, type Options, parse, wantsHelp } from "./Options.ts"

/** The comments of ThriftTest.thrift want every call printed. */
const printing = VolantLayer.middleware((inner) => (call) => {
  console.log(`${call.method.name}(${Object.values(Object(call.payload)).map(show).join(", ")})`)
  return inner(call)
})

const listening = Layer.effectDiscard(
  Effect.map(Listener, ({ address }) => console.log(`thrift-test-server listens on ${formatAddress(address)}`))
)

const serve = ({ address }: Options, hasHost: boolean): void => {
  const isUnix = address._tag === "Unix"
  // Apache's servers listen on all interfaces where no host is given.
  const tcp = isUnix ? {} : { host: hasHost ? address.host : undefined, port: address.port }
  const server = ThriftServer.layer({ ...(isUnix ? { path: address.path } : tcp), drainTimeout: 1000 })
  listening.pipe(
    Layer.provide(server),
    Layer.provide(printing),
    Layer.provide(Router.layer(ThriftTestLive, SecondServiceLive)),
    Layer.launch,
    NodeRuntime.runMain
  )
}

export const main = (args: ReadonlyArray<string>): void => {
  if (wantsHelp(args)) return console.log(help("server"))
  try {
    serve(
      parse(args),
      args.some((arg) => arg.startsWith("--host"))
    )
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    process.exitCode = 1
  }
}

/** CPU microseconds of a gRPC server for one unary request, and how much of large messages goes through it. */
import type { Figure } from "./Figure.ts"
import * as GrpcLoad from "./GrpcLoad.ts"
import * as GrpcServers from "./GrpcServers.ts"
import type { Options } from "./Options.ts"
import type { RunningServer } from "./Process.ts"
import { progress } from "./Progress.ts"
import * as Scenario from "./Scenario.ts"

type Contender = GrpcServers.Contender

const mebi = 1024 * 1024

/** A few messages of 1 MiB at a time. */
const huge: Scenario.Scenario = { name: "1 x 4, 1 MiB", connections: 1, outstanding: 4, message: mebi }

interface Least {
  /** CPU microseconds a request. */
  readonly cpu: number
  /** Seconds a request, by the clock. */
  readonly seconds: number
}

type Costs = Map<Contender, Map<Scenario.Scenario, Least>>

const scenariosOf = (contender: Contender): ReadonlyArray<Scenario.Scenario> =>
  // A reply that is always the same says nothing of large ones; the others answer no more than 4 MiB by default.
  contender === GrpcServers.volant || contender === GrpcServers.grpcJs ? [...Scenario.all, huge] : Scenario.all

export const measure = async (options: Options): Promise<ReadonlyArray<Figure>> =>
  figures(await costsOf(GrpcServers.all, options))

/** The executable of a gRPC C++ server, and its figures: ours by its. */
export const measureCpp = async (path: string, options: Options): Promise<ReadonlyArray<Figure>> => {
  const cpp = GrpcServers.cpp(path)
  const costs = await costsOf([GrpcServers.volant, cpp], options)
  return [
    against(costs, Scenario.wide, cpp, 1, 0.7),
    against(costs, Scenario.deep, cpp, 0.5, 0.25),
    against(costs, Scenario.large, cpp, 0.5, 0.25)
  ]
}

const costsOf = async (contenders: ReadonlyArray<Contender>, options: Options): Promise<Costs> => {
  const costs: Costs = new Map(contenders.map((contender) => [contender, new Map()]))
  for (let round = 0; round < options.rounds; round++) {
    for (const contender of contenders) {
      progress(`gRPC server, round ${round + 1} of ${options.rounds}: ${contender.name}`)
      const server = await GrpcServers.start(contender)
      for (const scenario of scenariosOf(contender)) {
        const cost = await loaded(server, scenario, options)
        const least = costs.get(contender)!
        least.set(scenario, leastOf(cost, least.get(scenario)))
      }
      await server.stop()
    }
  }
  return costs
}

const leastOf = (one: Least, other: Least | undefined): Least =>
  other === undefined ? one : { cpu: Math.min(one.cpu, other.cpu), seconds: Math.min(one.seconds, other.seconds) }

/** The least over the windows, each of as many requests as the server answered in as much time before. */
const loaded = async (
  server: RunningServer,
  { connections, message, outstanding }: Scenario.Scenario,
  { seconds, warmup, windows }: Options
): Promise<Least> => {
  const load = { port: server.port, connections, message, outstanding }
  // How long the first calls take says little, so the rate is taken from the second run.
  let rate = (message > 100_000 ? 40 : 2000) / seconds
  for (let index = 0; index < 2; index++) {
    const requests = Math.max(outstanding, Math.round(rate * warmup * 0.5))
    rate = requests / (await GrpcLoad.run({ ...load, requests })).seconds
  }
  const requests = Math.max(outstanding, Math.round(rate * seconds))
  let least: Least | undefined
  for (let index = 0; index < windows; index++) {
    const before = await server.cpu()
    const run = await GrpcLoad.run({ ...load, requests })
    const cpu = ((await server.cpu()) - before) / requests
    least = leastOf({ cpu, seconds: run.seconds / requests }, least)
  }
  return least!
}

const against = (
  costs: Costs,
  scenario: Scenario.Scenario,
  peer: Contender,
  goal?: number,
  stretch?: number
): Figure => ({
  section: "grpc",
  name: `gRPC server, ${scenario.name}`,
  against: peer.name,
  unit: "us/request",
  ours: costs.get(GrpcServers.volant)!.get(scenario)!.cpu,
  peer: costs.get(peer)!.get(scenario)!.cpu,
  compare: "ratio",
  goal,
  stretch
})

const figures = (costs: Costs): ReadonlyArray<Figure> => {
  const { connectNode, grpcJs, http2, niceGrpc, volant } = GrpcServers
  const rate = (contender: Contender) => 1 / costs.get(contender)!.get(huge)!.seconds
  return [
    against(costs, Scenario.wide, grpcJs, 0.25, 0.15),
    against(costs, Scenario.deep, grpcJs, 0.17, 0.1),
    against(costs, Scenario.large, grpcJs, 0.17, 0.1),
    against(costs, Scenario.wide, http2, 0.4, 0.25),
    against(costs, Scenario.deep, http2, 0.25, 0.15),
    against(costs, Scenario.large, http2, 0.25, 0.15),
    ...[niceGrpc, connectNode].flatMap((peer) => Scenario.all.map((scenario) => against(costs, scenario, peer))),
    against(costs, huge, grpcJs),
    {
      section: "grpc",
      name: "gRPC server, 1 MiB each way",
      against: grpcJs.name,
      unit: "MiB/s",
      ours: rate(volant),
      peer: rate(grpcJs),
      compare: "ratio"
    }
  ]
}

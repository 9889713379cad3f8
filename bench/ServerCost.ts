/** CPU microseconds of a server for one request: Volant and its peers in turn, the least of all windows of all rounds. */
import type { Figure } from "./Figure.ts"
import type { Window } from "./load.ts"
import type { Options } from "./Options.ts"
import { program, type RunningServer, start, startServer } from "./Process.ts"
import { progress } from "./Progress.ts"
import * as Scenario from "./Scenario.ts"

interface Contender {
  readonly name: string
  readonly program: string
  readonly args: ReadonlyArray<string>
  readonly wire: "framed" | "ndjson"
}

const volant: Contender = { name: "volant", program: "server", args: ["thrift", "--port", "0"], wire: "framed" }
const raw: Contender = { name: "raw node:net", program: "peers/raw", args: [], wire: "framed" }
const apache: Contender = { name: "Apache thrift", program: "peers/apache/server", args: [], wire: "framed" }
const callback: Contender = { ...apache, name: "Apache, callback handler", args: ["--callback"] }
const rpc: Contender = { name: "effect/rpc NDJSON", program: "peers/effect-rpc", args: [], wire: "ndjson" }
const contenders = [volant, raw, apache, callback, rpc]

/** Least CPU a request by contender and scenario. */
type Costs = Map<Contender, Map<Scenario.Scenario, number>>

export const measure = async (options: Options): Promise<ReadonlyArray<Figure>> => {
  const costs: Costs = new Map(contenders.map((contender) => [contender, new Map()]))
  for (let round = 0; round < options.rounds; round++) {
    for (const contender of contenders) {
      progress(`server, round ${round + 1} of ${options.rounds}: ${contender.name}`)
      const server = await startServer(program(contender.program), contender.args)
      for (const scenario of Scenario.all) {
        const cost = await loaded(server, contender, scenario, options)
        const least = costs.get(contender)!
        least.set(scenario, Math.min(cost, least.get(scenario) ?? Infinity))
      }
      await server.stop()
    }
  }
  return figures(costs)
}

/** The least CPU a request over the windows of one run of the load generator. */
const loaded = async (
  server: RunningServer,
  contender: Contender,
  scenario: Scenario.Scenario,
  { seconds, warmup, windows }: Options
): Promise<number> => {
  const flags = { ...scenario, port: server.port, pid: server.pid, wire: contender.wire, seconds, warmup, windows }
  const { name: _, ...given } = flags
  const args = Object.entries(given).flatMap(([flag, value]) => [`--${flag}`, String(value)])
  const load = start(program("load"), args, "load")
  // The first line says that the windows begin.
  await load.lines.next()
  let least = Infinity
  let before = await server.cpu()
  for (let index = 0; index < windows; index++) {
    const line = await load.lines.next()
    if (line.value === undefined) throw new Error(`the load on ${contender.name} (${scenario.name}) ended early`)
    const window = JSON.parse(line.value) as Window
    const now = await server.cpu()
    // The generator reads the server's CPU itself where there is /proc: that is exact to the window.
    least = Math.min(least, window.server ?? (now - before) / window.requests)
    before = now
  }
  await load.stop()
  return least
}

const figures = (costs: Costs): ReadonlyArray<Figure> => {
  const against = (
    scenario: Scenario.Scenario,
    peer: Contender,
    compare: "ratio" | "difference",
    goal?: number,
    stretch?: number
  ): Figure => ({
    section: "server",
    name: `server, ${scenario.name}`,
    against: peer.name,
    unit: "us/request",
    ours: costs.get(volant)!.get(scenario)!,
    peer: costs.get(peer)!.get(scenario)!,
    compare,
    goal,
    stretch
  })
  return [
    against(Scenario.wide, raw, "ratio", 1.3, 1.15),
    against(Scenario.deep, raw, "difference", 2, 1),
    against(Scenario.large, raw, "difference"),
    against(Scenario.wide, apache, "ratio", 0.4, 0.33),
    against(Scenario.deep, apache, "ratio", 0.1, 0.06),
    against(Scenario.large, apache, "ratio", 0.12, 0.07),
    ...[callback, rpc].flatMap((peer) => Scenario.all.map((scenario) => against(scenario, peer, "ratio")))
  ]
}

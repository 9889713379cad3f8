/** CPU microseconds of a client for one call, 64 in flight on one connection, against a server that costs next to nothing. */
import type { Window } from "./ClientLoad.ts"
import type { Figure } from "./Figure.ts"
import type { Options } from "./Options.ts"
import { program, start, startServer } from "./Process.ts"
import { progress } from "./Progress.ts"

const clients = { volant: "client", apache: "peers/apache/client" } as const

type Name = keyof typeof clients

export const measure = async (options: Options): Promise<ReadonlyArray<Figure>> => {
  const least: Record<Name, number> = { volant: Infinity, apache: Infinity }
  const server = await startServer(program("peers/raw"), ["--reply"])
  for (let round = 0; round < options.rounds; round++) {
    for (const name of ["volant", "apache"] as const) {
      progress(`client, round ${round + 1} of ${options.rounds}: ${name}`)
      least[name] = Math.min(least[name], await cost(clients[name], server.port, options))
    }
  }
  await server.stop()
  return [
    {
      section: "client",
      name: "client, 64 in flight, 64 B",
      against: "Apache thrift",
      unit: "us/call",
      ours: least.volant,
      peer: least.apache,
      compare: "ratio",
      goal: 0.2,
      stretch: 0.12
    }
  ]
}

/** CPU microseconds a call of a client, by the name of its program. */
export const cost = async (client: string, port: number, { seconds, warmup, windows }: Options): Promise<number> => {
  const flags = { port, seconds, warmup, windows }
  const args = Object.entries(flags).flatMap(([flag, value]) => [`--${flag}`, String(value)])
  const running = start(program(client), args, "load")
  let least = Infinity
  for (let index = 0; index < windows; index++) {
    const line = await running.lines.next()
    if (line.value === undefined) throw new Error(`the client ${client} ended early`)
    least = Math.min(least, (JSON.parse(line.value) as Window).cpu)
  }
  await running.stop()
  return least
}

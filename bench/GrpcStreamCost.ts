/** CPU microseconds of a gRPC server for one message of a long stream, sent or received. Our client is at the other end. */
import type { Figure } from "./Figure.ts"
import * as GrpcServers from "./GrpcServers.ts"
import type { Options } from "./Options.ts"
import { program, type RunningServer, start } from "./Process.ts"
import { progress } from "./Progress.ts"

const directions = ["down", "up"] as const
type Direction = (typeof directions)[number]

const contenders = [GrpcServers.volant, GrpcServers.grpcJs]
const messages = 20_000

export const measure = async (options: Options): Promise<ReadonlyArray<Figure>> => {
  const least = new Map<string, number>()
  for (let round = 0; round < options.rounds; round++) {
    for (const contender of contenders) {
      progress(`gRPC streams, round ${round + 1} of ${options.rounds}: ${contender.name}`)
      const server = await GrpcServers.start(contender)
      for (const direction of directions) {
        const key = contender.name + direction
        least.set(key, Math.min(least.get(key) ?? Infinity, await cost(server, direction, options)))
      }
      await server.stop()
    }
  }
  const [volant, grpcJs] = contenders
  return directions.map((direction) => ({
    section: "grpc",
    name: `gRPC stream, the server ${direction === "down" ? "sends" : "receives"}, 64 B`,
    against: grpcJs!.name,
    unit: "us/message",
    ours: least.get(volant!.name + direction)!,
    peer: least.get(grpcJs!.name + direction)!,
    compare: "ratio",
    // Four and eight times as many messages a CPU second.
    goal: 1 / 4,
    stretch: 1 / 8
  }))
}

/** The least of several streams, after some that warm up. */
const cost = async (server: RunningServer, direction: Direction, { windows }: Options): Promise<number> => {
  const warm = 4
  const runs = warm + 2 * windows
  const args = ["--port", server.port, "--direction", direction, "--count", messages, "--runs", runs].map(String)
  const client = start(program("grpcStreams"), args, "load")
  await client.lines.next()
  let least = Infinity
  let before = await server.cpu()
  for (let run = 0; run < runs; run++) {
    const { value } = await client.lines.next()
    if (value === undefined) throw new Error(`the stream ${direction} ended early`)
    const now = await server.cpu()
    if (run >= warm) least = Math.min(least, (now - before) / messages)
    before = now
  }
  await client.stop()
  return least
}

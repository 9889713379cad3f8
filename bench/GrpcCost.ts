/** What gRPC costs: servers, clients, streams and idle connections, of Volant and of others in turn. */
import * as ClientCost from "./ClientCost.ts"
import type { Figure } from "./Figure.ts"
import * as GrpcServerCost from "./GrpcServerCost.ts"
import * as GrpcServers from "./GrpcServers.ts"
import * as GrpcStreamCost from "./GrpcStreamCost.ts"
import * as MemoryCost from "./MemoryCost.ts"
import type { Options } from "./Options.ts"
import { progress } from "./Progress.ts"

export const measure = async (options: Options): Promise<ReadonlyArray<Figure>> => [
  ...(await GrpcServerCost.measure(options)),
  await client(options),
  ...(await GrpcStreamCost.measure(options)),
  await connection()
]

const clients = { volant: "grpcClient", grpcJs: "peers/grpcJsClient" } as const

/** 64 calls in flight on one connection, against our server. */
const client = async (options: Options): Promise<Figure> => {
  const least = { volant: Infinity, grpcJs: Infinity }
  const server = await GrpcServers.start(GrpcServers.volant)
  for (let round = 0; round < options.rounds; round++) {
    for (const name of ["volant", "grpcJs"] as const) {
      progress(`gRPC client, round ${round + 1} of ${options.rounds}: ${name}`)
      least[name] = Math.min(least[name], await ClientCost.cost(clients[name], server.port, options))
    }
  }
  await server.stop()
  return {
    section: "grpc",
    name: "gRPC client, 64 in flight, 64 B",
    against: GrpcServers.grpcJs.name,
    unit: "us/call",
    ours: least.volant,
    peer: least.grpcJs,
    compare: "ratio",
    goal: 0.25,
    stretch: 0.12
  }
}

/** HTTP/2's preface of a client: 24 bytes of text and a SETTINGS frame without settings. */
const preface = Buffer.from(
  `${Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").toString("hex")}000000040000000000`,
  "hex"
)

const idle = async (contender: GrpcServers.Contender): Promise<number> => {
  progress(`gRPC, idle connections: ${contender.name}`)
  const server = await GrpcServers.start(contender)
  const first = await MemoryCost.open(server.port, MemoryCost.warm, preface)
  const before = await server.memory()
  const rest = await MemoryCost.open(server.port, MemoryCost.idle, preface)
  const after = await server.memory()
  await server.stop()
  for (const socket of [...first, ...rest]) socket.destroy()
  return (after - before) / MemoryCost.idle
}

const connection = async (): Promise<Figure> => ({
  section: "grpc",
  name: "silent gRPC server connection",
  against: GrpcServers.grpcJs.name,
  unit: "KiB",
  ours: await idle(GrpcServers.volant),
  peer: await idle(GrpcServers.grpcJs),
  compare: "value",
  goal: 8,
  stretch: 6
})

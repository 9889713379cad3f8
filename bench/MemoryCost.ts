/** Resident memory: of a server that has just started, and of each connection that is open and silent. */
import { connect, type Socket } from "node:net"
import type { Figure } from "./Figure.ts"
import { program, start, startServer } from "./Process.ts"
import { progress } from "./Progress.ts"

/** The first connections pay for what all of them share. */
export const warm = 300
export const idle = 4000

const servers = {
  volant: { program: "server", args: ["thrift", "--port", "0"] },
  raw: { program: "peers/raw", args: [] },
  apache: { program: "peers/apache/server", args: [] }
} as const

interface Footprint {
  /** KiB after start. */
  readonly started: number
  /** KiB a silent connection. */
  readonly connection: number
}

export const measure = async (): Promise<ReadonlyArray<Figure>> => {
  const bare = await bareNode()
  const volant = await footprint("volant")
  const raw = await footprint("raw")
  const apache = await footprint("apache")
  const connection = {
    section: "memory",
    name: "silent server connection",
    unit: "KiB",
    ours: volant.connection
  } as const
  const mebi = (kibi: number) => kibi / 1024
  const started = {
    section: "memory",
    name: "echo server after start",
    unit: "MiB",
    ours: mebi(volant.started)
  } as const
  return [
    { ...connection, against: undefined, peer: undefined, compare: "value", goal: 5, stretch: 4 },
    { ...connection, against: "raw node:net", peer: raw.connection, compare: "ratio" },
    { ...connection, against: "Apache thrift", peer: apache.connection, compare: "ratio" },
    { ...started, against: "bare node", peer: mebi(bare), compare: "difference", goal: 25 },
    { ...started, against: "Apache thrift", peer: mebi(apache.started), compare: "difference" }
  ]
}

const bareNode = async (): Promise<number> => {
  const running = start(program("peers/bare"), [], "server")
  await running.lines.next()
  const memory = await running.memory()
  await running.stop()
  return memory
}

const footprint = async (name: keyof typeof servers): Promise<Footprint> => {
  progress(`memory: ${name}`)
  const server = await startServer(program(servers[name].program), servers[name].args)
  const started = await server.memory()
  const first = await open(server.port, warm)
  const before = await server.memory()
  const rest = await open(server.port, idle)
  const after = await server.memory()
  await server.stop()
  for (const socket of [...first, ...rest]) socket.destroy()
  return { started, connection: (after - before) / idle }
}

/** Opens connections, some at a time so that none overflows the server's backlog. With a greeting, the server has answered it. */
export const open = async (port: number, count: number, greeting?: Buffer): Promise<ReadonlyArray<Socket>> => {
  const sockets: Array<Socket> = []
  while (sockets.length < count) {
    const some = Array.from({ length: Math.min(100, count - sockets.length) }, () => openOne(port, greeting))
    sockets.push(...(await Promise.all(some)))
  }
  return sockets
}

const openOne = (port: number, greeting: Buffer | undefined): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1" })
    socket.once("connect", () => {
      socket.off("error", reject)
      // The server is killed with the connections open.
      socket.on("error", () => {})
      if (greeting === undefined) return resolve(socket)
      socket.once("data", () => resolve(socket))
      socket.write(greeting)
    })
    socket.once("error", reject)
  })

/** Peers as processes: run to the end, or start and wait until they listen. All of them end with this one. */
import { type ChildProcess, spawn } from "node:child_process"
import { connect, createServer } from "node:net"

export interface Finished {
  /** The exit code; -1 after a signal, a time-out, or when the command could not be started. */
  readonly code: number
  /** Standard output and standard error, as they came. */
  readonly output: string
}

export interface Command {
  readonly command: string
  readonly args: ReadonlyArray<string>
  readonly cwd?: string | undefined
  readonly env?: Readonly<Record<string, string>> | undefined
}

const running = new Set<ChildProcess>()
process.on("exit", () => running.forEach((child) => child.kill("SIGKILL")))

const launch = (self: Command): { readonly child: ChildProcess; readonly done: Promise<Finished> } => {
  const child = spawn(self.command, self.args, {
    cwd: self.cwd,
    env: { ...process.env, ...self.env },
    stdio: ["ignore", "pipe", "pipe"]
  })
  running.add(child)
  let output = ""
  const collect = (chunk: Buffer) => (output = (output + chunk.toString()).slice(-20_000))
  child.stdout.on("data", collect)
  child.stderr.on("data", collect)
  const done = new Promise<Finished>((resolve) => {
    child.on("error", (error) => resolve({ code: -1, output: `${output}${error.message}` }))
    child.on("close", (code) => {
      running.delete(child)
      resolve({ code: code ?? -1, output })
    })
  })
  return { child, done }
}

/** Runs a command to its end, or kills it after `timeoutMs`. */
export const run = async (self: Command, timeoutMs = 60_000): Promise<Finished> => {
  const { child, done } = launch(self)
  const timer = setTimeout(() => child.kill("SIGKILL"), timeoutMs)
  const finished = await done
  clearTimeout(timer)
  return finished
}

export interface Server {
  readonly pid: number
  readonly done: Promise<Finished>
  readonly kill: (signal?: NodeJS.Signals) => void
  /** SIGTERM, and SIGKILL for whoever is still there after two seconds. */
  readonly stop: () => Promise<Finished>
}

/** Starts a server and waits until somebody accepts at `port` of loopback (or at the socket path). */
export const start = async (self: Command, where: number | string, timeoutMs = 20_000): Promise<Server> => {
  const { child, done } = launch(self)
  const server: Server = {
    pid: child.pid ?? -1,
    done,
    kill: (signal = "SIGKILL") => void child.kill(signal),
    stop: async () => {
      child.kill("SIGTERM")
      const timer = setTimeout(() => child.kill("SIGKILL"), 2000)
      const finished = await done
      clearTimeout(timer)
      return finished
    }
  }
  const until = Date.now() + timeoutMs
  let ended: Finished | undefined
  void done.then((finished) => (ended = finished))
  while (!(await accepts(where))) {
    if (ended !== undefined) throw new Error(`${self.command} ended with code ${ended.code}: ${ended.output}`)
    if (Date.now() > until) {
      server.kill()
      throw new Error(`${self.command} does not listen after ${timeoutMs} ms: ${(await done).output}`)
    }
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return server
}

const accepts = (where: number | string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = typeof where === "number" ? connect(where, "127.0.0.1") : connect(where)
    socket.on("connect", () => socket.destroy())
    socket.on("error", () => resolve(false))
    socket.on("close", (failed) => resolve(!failed))
  })

/** A port of loopback that nobody listens on now. */
export const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer()
    server.on("error", reject)
    server.listen(0, "127.0.0.1", () => {
      const address = server.address()
      server.close(() => (typeof address === "object" && address !== null ? resolve(address.port) : reject(address)))
    })
  })

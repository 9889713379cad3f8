/** Programs under measurement: started on a core of their own where that is possible, asked for CPU time and memory. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process"
import { existsSync } from "node:fs"
import { availableParallelism } from "node:os"
import { fileURLToPath } from "node:url"
import { threadsCpu } from "./Cpu.ts"

/** Servers run on one core and what loads them on another, so that neither is charged for the other's cache misses. */
export type Core = "server" | "load"

const cores: Record<Core, string> = { server: "0", load: "1" }

/** Whether programs are pinned to cores; the table says so. */
export const pins: boolean = availableParallelism() > 1 && spawnSync("taskset", ["-c", "0", "true"]).status === 0

/** The compiled program of this name, for example `peers/raw`. Compiled, because stripping types at start costs 17 MiB. */
export const program = (name: string): string => {
  const path = fileURLToPath(new URL(`../.cache/bench/bench/${name}.js`, import.meta.url))
  if (!existsSync(path)) throw new Error(`${path} is missing; run the bench as \`npm run bench\`, which compiles it`)
  return path
}

/** A running program. Microseconds and KiB. */
export interface Running {
  readonly pid: number
  /** Its standard output, a line at a time, until it ends. */
  readonly lines: AsyncIterator<string, undefined>
  /** CPU time of all its threads since it started, microseconds. */
  readonly cpu: () => Promise<number>
  /** Resident memory after a full collection, KiB. */
  readonly memory: () => Promise<number>
  readonly stop: () => Promise<void>
}

export const start = (path: string, args: ReadonlyArray<string>, core: Core): Running =>
  startCommand([process.execPath, "--expose-gc", path, ...args], core)

/** Starts a program that is not Node's: it tells of its CPU time only where there is /proc, and of its memory never. */
const startCommand = (program: ReadonlyArray<string>, core: Core): Running => {
  const command = pins ? ["taskset", "-c", cores[core], ...program] : program
  const child = spawn(command[0]!, command.slice(1), { stdio: ["ignore", "pipe", "inherit", "ipc"] })
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()))
  return {
    pid: child.pid!,
    lines: linesOf(child),
    cpu: async () => threadsCpu(child.pid!) ?? (await ask(child, "cpu")),
    memory: () => ask(child, "memory"),
    stop: () => {
      child.kill("SIGKILL")
      return ended
    }
  }
}

/** A started server, and the port that it said it listens on. */
export interface RunningServer extends Running {
  readonly port: number
}

/** Starts a server and waits for its line: `listening on HOST:PORT`. */
export const startServer = (path: string, args: ReadonlyArray<string> = []): Promise<RunningServer> =>
  listening(path, start(path, args, "server"))

/** The same for an executable. */
export const startExecutable = (path: string): Promise<RunningServer> => listening(path, startCommand([path], "server"))

const listening = async (path: string, running: Running): Promise<RunningServer> => {
  const line = await running.lines.next()
  const port = /:(\d+)\b/.exec(line.value ?? "")?.[1]
  if (port === undefined) throw new Error(`${path} did not say where it listens; it said: ${line.value ?? "nothing"}`)
  return { ...running, port: Number(port) }
}

const ask = (child: ChildProcess, question: string): Promise<number> =>
  new Promise((resolve, reject) => {
    const over = () => reject(new Error(`process ${child.pid} ended before it answered "${question}"`))
    child.once("exit", over)
    child.once("message", (answer) => {
      child.off("exit", over)
      resolve(answer as number)
    })
    child.send(question)
  })

async function* linesOf(child: ChildProcess): AsyncGenerator<string, undefined> {
  let rest = ""
  for await (const chunk of child.stdout!.setEncoding("utf8")) {
    const parts = (rest + chunk).split("\n")
    rest = parts.pop()!
    yield* parts
  }
  return undefined
}

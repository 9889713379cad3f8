/** Server processes that announce themselves to us, and that we kill and restart. */
import { type ChildProcess, fork } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import * as Instance from "../../../src/discovery/Instance.ts"
import type { Memory } from "../../../src/discovery/Memory.ts"

const program = fileURLToPath(new URL("instance.ts", import.meta.url))

interface Wish {
  readonly wish: "announce" | "withdraw"
  readonly address: string
}

export class Server {
  /** `host:port`, once it has run; it keeps the port. */
  address = ""
  private child: ChildProcess | undefined
  private readonly memory: Memory

  constructor(memory: Memory) {
    this.memory = memory
  }

  get pid(): number {
    return this.child?.pid ?? -1
  }

  /** Starts the process and waits for its announcement. */
  async start(): Promise<void> {
    const port = this.address.split(":")[1] ?? "0"
    const child = fork(program, [port], { execArgv: ["--conditions=volant-source"] })
    this.child = child
    const scope = Scope.makeUnsafe()
    await new Promise<void>((resolve, reject) => {
      child.once("exit", (code) => reject(new Error(`the server ended with ${code} before it announced itself`)))
      child.on("message", ({ address, wish }: Wish) => {
        void Effect.runPromise(
          wish === "announce" ? this.announce(address, scope) : Scope.close(scope, Exit.void)
        ).then(() => {
          child.send({ done: wish })
          if (wish === "announce") resolve()
        })
      })
    })
    child.once("exit", () => void Effect.runPromise(this.memory.silence(this.address)))
  }

  /** kill -9: no goodbye. Nobody takes its announcement back; it runs out. */
  async kill(): Promise<void> {
    await this.end("SIGKILL")
  }

  /** As a deployment does it. The exit code. */
  async stop(): Promise<number | null> {
    return await this.end("SIGTERM")
  }

  private async end(signal: NodeJS.Signals): Promise<number | null> {
    const { child } = this
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return child?.exitCode ?? null
    child.kill(signal)
    const [code] = await once(child, "exit")
    return code
  }

  private announce(address: string, scope: Scope.Scope): Effect.Effect<void> {
    this.address = address
    const parsed = Instance.parseAddress(address)
    if (parsed === undefined) return Effect.die(new Error(`${address} is no address`))
    return Effect.orDie(Scope.provide(this.memory.registry.announce("worker", Instance.make(parsed)), scope))
  }
}

/** Starts, stops and kills instances, and keeps the embedded registry that they announce themselves in. */
import { type ChildProcess, fork } from "node:child_process"
import { fileURLToPath } from "node:url"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import { Instance, type Memory } from "volant/discovery"
import type { Done, Letter } from "./Letter.ts"

export class StartFailed extends Data.TaggedError("StartFailed")<{ readonly name: string }> {
  override get message(): string {
    return `instance ${this.name} ended before it announced itself; what it printed says why`
  }
}

/** An instance, whether its process runs or not. */
export interface Server {
  readonly name: string
  state: "starting" | "up" | "killed" | "stopping" | "stopped"
  /** By target: known once it has announced itself there. It keeps its ports. */
  readonly addresses: Map<string, string>
  process: ChildProcess | undefined
}

export const make = (name: string): Server => ({ name, state: "stopped", addresses: new Map(), process: undefined })

const program = fileURLToPath(new URL("instance.ts", import.meta.url))

/** What an instance announces: the service over Thrift, and the same service over gRPC. */
export const targets = { thrift: "item-service", grpc: "item-service.grpc" } as const

const launch = (server: Server): ChildProcess => {
  const ports = Object.values(targets).map((target) => server.addresses.get(target)?.split(":")[1] ?? "0")
  return fork(program, [server.name, ...ports], { execArgv: ["--conditions=volant-source"] })
}

/** Starts the process; done when the instance is in the registry, for both targets. The scope's end kills it. */
export const start = Effect.fnUntraced(function* (server: Server, registry: Memory.Memory) {
  server.state = "starting"
  const child = yield* Effect.acquireRelease(
    Effect.sync(() => launch(server)),
    (child) => Effect.sync(() => child.kill("SIGKILL"))
  )
  server.process = child
  const scope = yield* Effect.scope
  yield* Effect.callback<void, StartFailed>((resume) => {
    const leases: Leases = new Map()
    child.on("message", (letter: Letter) =>
      Effect.runFork(
        Effect.map(follow(letter, leases, registry, scope), () => {
          const answer: Done = { done: letter.wish, target: letter.target }
          child.send(answer)
          if (letter.wish === "withdraw") return
          server.addresses.set(letter.target, letter.address)
          if (leases.size < Object.keys(targets).length) return
          server.state = "up"
          resume(Effect.void)
        })
      )
    )
    child.once("exit", () => {
      if (server.state === "starting") resume(Effect.fail(new StartFailed({ name: server.name })))
      server.state = server.state === "stopping" ? "stopped" : "killed"
      // Nobody renews its announcement any more; the registry notices when the lease runs out.
      for (const address of server.addresses.values()) Effect.runFork(registry.silence(address))
    })
  })
})

/** By target: what takes the announcement back. */
type Leases = Map<string, Effect.Effect<void>>

/** The announcement is the instance's: it lasts until the instance takes it back or its lease runs out. */
const follow = Effect.fnUntraced(function* (
  { address, target, wish }: Letter,
  leases: Leases,
  { registry }: Memory.Memory,
  scope: Scope.Scope
) {
  if (wish === "withdraw") return yield* leases.get(target) ?? Effect.void
  const held = yield* Scope.fork(scope)
  leases.set(target, Scope.close(held, Exit.void))
  const parsed = Instance.parseAddress(address)
  if (parsed === undefined)
    return yield* Effect.die(new Error(`an instance announced "${address}", which is no address`))
  yield* Effect.orDie(Scope.provide(registry.announce(target, Instance.make(parsed)), held))
})

const exited = (child: ChildProcess): Effect.Effect<void> =>
  Effect.callback((resume) => {
    if (child.exitCode !== null || child.signalCode !== null) resume(Effect.void)
    else child.once("exit", () => resume(Effect.void))
  })

/** As when a machine loses power: no goodbye, and what it was serving is lost. */
export const kill = (server: Server): Effect.Effect<void> => signal(server, "SIGKILL")

/** As a deployment does it: leaves the registry, finishes what runs, ends. */
export const stop = (server: Server): Effect.Effect<void> =>
  Effect.suspend(() => {
    server.state = "stopping"
    return signal(server, "SIGTERM")
  })

const signal = (server: Server, name: NodeJS.Signals): Effect.Effect<void> =>
  Effect.suspend(() => {
    const child = server.process
    if (child === undefined) return Effect.void
    child.kill(name)
    return exited(child)
  })

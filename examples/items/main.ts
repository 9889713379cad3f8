// `npm start`: compiles item.thrift and item.proto and shows the service served, found, balanced and retried over Thrift and
// over gRPC, side by side. Ends by itself within 20 s, with exit code 0 only if no call was lost.
import { spawnSync } from "node:child_process"
import { fileURLToPath } from "node:url"
import * as Effect from "effect/Effect"
import * as Screen from "./Screen.ts"

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url))
const screen = Screen.make()

const volant = ["--conditions=volant-source", path("../../src/cli/main.ts")]
const generate = (out: string, idl: string): void => {
  const { status } = spawnSync(process.execPath, [...volant, "gen", "--out", path(out), path(idl)], {
    stdio: ["ignore", "ignore", "inherit"]
  })
  if (status !== 0) process.exit(1)
  screen.event(`volant gen --out examples/items/${out} examples/items/${idl}`)
}
generate("gen", "item.thrift")
generate("gen/grpc", "item.proto")

// Only now is there the code that the rest is built on.
const { run } = await import("./demo.ts")

// The screen's timer may be all that runs for a while; a suspended fiber alone does not keep a process alive.
const alive = setInterval(() => {}, 1000)
Effect.runFork(Effect.scoped(run(screen))).addObserver((exit) => {
  clearInterval(alive)
  if (exit._tag === "Failure") console.error(String(exit.cause))
  process.exitCode = exit._tag === "Success" && exit.value ? 0 : 1
})

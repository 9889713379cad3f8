/** Chromium without a window, with an empty profile. It ends with the scope, and its profile with it. */
import { spawn } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"

/** Nothing of it goes out to the network; the last takes certificates that the test has just made. */
const flags = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-dev-shm-usage",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--ignore-certificate-errors"
]

/** Opens a page. Answers with what it said, if it ends before the scope does. */
export const open = (program: string, url: string): Effect.Effect<Effect.Effect<string>, never, Scope.Scope> =>
  Effect.map(
    Effect.acquireRelease(
      Effect.sync(() => {
        const profile = mkdtempSync(join(tmpdir(), "volant-chromium-"))
        // A group of its own: it is a script that starts many processes.
        const child = spawn(program, [...flags, `--user-data-dir=${profile}`, url], {
          detached: true,
          stdio: ["ignore", "pipe", "pipe"],
          env: { ...process.env, NODE_OPTIONS: "" }
        })
        const kill = () => {
          try {
            process.kill(-child.pid!, "SIGKILL")
          } catch {
            // It has ended.
          }
        }
        process.on("exit", kill)
        let output = ""
        const collect = (chunk: Buffer) => void (output = (output + chunk.toString()).slice(-5000))
        child.stdout.on("data", collect)
        child.stderr.on("data", collect)
        const done = new Promise<string>((resolve) => {
          child.on("error", (error) => resolve(`${output}${error.message}`))
          child.on("close", () => resolve(output))
        })
        return { profile, kill, done }
      }),
      ({ done, kill, profile }) =>
        Effect.promise(async () => {
          kill()
          await done
          process.off("exit", kill)
          rmSync(profile, { recursive: true, force: true, maxRetries: 10 })
        })
    ),
    ({ done }) => Effect.promise(() => done)
  )

/** Runs a program of examples/ or bench/ from its source, as the npm scripts do. */
import { type ChildProcess, spawn } from "node:child_process"
import { connect, createServer } from "node:net"
import { fileURLToPath } from "node:url"

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export const start = (
  path: string,
  args: ReadonlyArray<string> = [],
  env: Readonly<Record<string, string>> = {}
): ChildProcess =>
  spawn(
    process.execPath,
    ["--conditions=volant-source", fileURLToPath(new URL(`../../${path}`, import.meta.url)), ...args],
    { env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] }
  )

export const ended = (child: ChildProcess): Promise<Ended> =>
  new Promise((resolve) => {
    let stdout = ""
    let stderr = ""
    child.stdout?.on("data", (text) => (stdout += text))
    child.stderr?.on("data", (text) => (stderr += text))
    child.once("close", (code) => resolve({ code, stdout, stderr }))
  })

/** A port that nobody listens on. */
export const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer().once("error", reject)
    server.listen(0, "127.0.0.1", () => {
      const address = server.address()
      const port = address !== null && typeof address === "object" ? address.port : 0
      server.close(() => resolve(port))
    })
  })

/** Done when somebody listens on the port; fails when the process ends before. */
export const listening = (port: number, child: ChildProcess): Promise<void> =>
  new Promise((resolve, reject) => {
    const attempt = (): void => {
      if (child.exitCode !== null) return reject(new Error(`the server ended with code ${child.exitCode}`))
      const socket = connect({ port, host: "127.0.0.1" })
      socket.once("connect", () => {
        socket.destroy()
        resolve()
      })
      socket.once("error", () => setTimeout(attempt, 20))
    }
    attempt()
  })

/** Connect's conformance runner: its newest release whose dependencies Go's module proxy all has. */
import { join } from "node:path"
import { revision, step } from "../Build.ts"
import * as Peer from "../Peer.ts"
import type { Command } from "../Processes.ts"

const runner = "connectrpc.com/conformance/cmd/connectconformance@v1.0.6"

export const connect: Peer.Peer = {
  name: "connect-conformance",
  debian: [],
  revision: revision(`1 ${runner}`),
  prepare: async (directory) => {
    await step({ command: "go", args: ["install", runner], env: { GOBIN: directory } })
  }
}

/** The runner with one of our programs under test; undefined when it could not be built. */
export const command = (config: string, mode: "client" | "server", program: string): Command | undefined => {
  const directory = Peer.directory(connect.name)
  if (directory === undefined) return undefined
  const parallel = mode === "server" ? ["-p", "2"] : []
  const args = ["--conf", config, "--mode", mode, "--max-servers", "2", ...parallel, "--", process.execPath, program]
  return { command: join(directory, "connectconformance"), args, env: { NODE_OPTIONS: "" } }
}

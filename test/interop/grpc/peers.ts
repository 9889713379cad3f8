/** grpc-go's interop programs. */
import { join } from "node:path"
import { revision, step } from "../Build.ts"
import * as Peer from "../Peer.ts"
import type { Command } from "../Processes.ts"
import type { common, foreign } from "./Cases.ts"

const release = "v1.81.0"

export const go: Peer.Peer = {
  name: "grpc-go",
  debian: [],
  revision: revision(`1 ${release}`),
  prepare: async (directory) => {
    const programs = ["client", "server"].map((name) => `google.golang.org/grpc/interop/${name}@${release}`)
    await step({ command: "go", args: ["install", ...programs], env: { GOBIN: directory } })
  }
}

/** How long a call takes is the machine's affair. */
const soak = [
  "-soak_iterations=200",
  "-soak_max_failures=0",
  "-soak_per_iteration_max_acceptable_latency_ms=20000",
  "-soak_overall_timeout_seconds=60"
]

const directory = Peer.directory(go.name)

/** grpc-go's client with one case; undefined when it could not be built. */
export const client =
  directory === undefined
    ? undefined
    : (port: number, testCase: (typeof common | typeof foreign)[number]): Command => {
        const args = ["-server_host=127.0.0.1", `-server_port=${port}`, `-test_case=${testCase}`]
        return { command: join(directory, "client"), args: testCase.endsWith("soak") ? [...args, ...soak] : args }
      }

/** grpc-go's server; undefined when it could not be built. */
export const server =
  directory === undefined
    ? undefined
    : (port: number): Command => ({ command: join(directory, "server"), args: [`-port=${port}`] })

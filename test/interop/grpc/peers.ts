/** grpc-go's interop programs. */
import { join } from "node:path"
import { revision, step } from "../Build.ts"
import * as Peer from "../Peer.ts"
import type { Command } from "../Processes.ts"

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

/** The cases of the interop list that grpc-go has, without those that want credentials or a balancer of Google's. */
export const cases = [
  "empty_unary",
  "large_unary",
  "client_streaming",
  "server_streaming",
  "ping_pong",
  "empty_stream",
  "cancel_after_begin",
  "cancel_after_first_response",
  "timeout_on_sleeping_server",
  "status_code_and_message",
  "special_status_message",
  "custom_metadata",
  "unimplemented_method",
  "unimplemented_service",
  "rpc_soak",
  "channel_soak"
] as const

export type Case = (typeof cases)[number]

const soak = ["-soak_iterations=200", "-soak_max_failures=0", "-soak_overall_timeout_seconds=60"]

/** grpc-go's client with one case; undefined when it could not be built. */
export const client = (port: number, testCase: Case): Command | undefined => {
  const directory = Peer.directory(go.name)
  if (directory === undefined) return undefined
  const args = ["-server_host=127.0.0.1", `-server_port=${port}`, `-test_case=${testCase}`]
  return { command: join(directory, "client"), args: testCase.endsWith("soak") ? [...args, ...soak] : args }
}

export const server = (port: number): Command | undefined => {
  const directory = Peer.directory(go.name)
  return directory === undefined ? undefined : { command: join(directory, "server"), args: [`-port=${port}`] }
}

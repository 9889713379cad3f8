/** Tools that people point at gRPC servers: grpcurl, ghz, and Debian's h2load. */
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { revision, step } from "../Build.ts"
import * as Peer from "../Peer.ts"
import type { Command } from "../Processes.ts"

const programs = ["github.com/fullstorydev/grpcurl/cmd/grpcurl@v1.9.4", "github.com/bojand/ghz/cmd/ghz@v0.93.0"]

export const tools: Peer.Peer = {
  name: "grpc-tools",
  debian: ["nghttp2-client"],
  revision: revision(`1 ${programs.join(" ")}`),
  prepare: async (directory) => {
    for (const program of programs) {
      await step({ command: "go", args: ["install", program], env: { GOBIN: directory } })
    }
  }
}

const protos = fileURLToPath(new URL("../grpc/protos", import.meta.url))

/** undefined when it could not be built. */
const tool = (name: string, args: ReadonlyArray<string>): Command | undefined => {
  const directory = Peer.directory(tools.name)
  return directory === undefined ? undefined : { command: join(directory, name), args }
}

export const grpcurl = (args: ReadonlyArray<string>): Command | undefined => tool("grpcurl", ["-plaintext", ...args])

/** grpcurl with the .proto file, for what reflection is not asked. */
export const grpcurlOfProto = (args: ReadonlyArray<string>): Command | undefined =>
  grpcurl(["-import-path", protos, "-proto", "grpc/testing/test.proto", ...args])

export const ghz = (port: number, call: string, data: string, requests: number): Command | undefined => {
  const file = join(protos, "grpc/testing/test.proto")
  const load = ["-n", String(requests), "-c", "20", "--connections", "4", "-O", "summary"]
  const what = ["--insecure", "-i", protos, "--proto", file, "--call", call, "-d", data]
  return tool("ghz", [...what, ...load, `127.0.0.1:${port}`])
}

const grpcHeaders = ["-H", "content-type: application/grpc", "-H", "te: trailers"]

/** h2load on `grpc.testing.TestService/EmptyCall`; `body` is a file. */
export const h2load = (port: number, body: string, args: ReadonlyArray<string>): Command | undefined =>
  Peer.directory(tools.name) === undefined
    ? undefined
    : {
        command: "h2load",
        args: [...args, "-d", body, ...grpcHeaders, `http://127.0.0.1:${port}/grpc.testing.TestService/EmptyCall`]
      }

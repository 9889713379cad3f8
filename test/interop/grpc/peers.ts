/** grpc-go's interop programs, and a server of the compressed cases on gRPC C++, whose own programs no registry has. */
import { join } from "node:path"
import { fileURLToPath } from "node:url"
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

const file = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
const source = file("compressed.cpp")
const protos = ["empty", "messages", "test"].map((name) => `grpc/testing/${name}.proto`)

export const cpp: Peer.Peer = {
  name: "grpc-cpp-compressed",
  debian: ["g++", "pkg-config", "libgrpc++-dev", "libprotobuf-dev", "protobuf-compiler", "protobuf-compiler-grpc"],
  revision: revision("1", source, ...protos.map((name) => file(`protos/${name}`))),
  prepare: async (directory) => {
    const plugin = "--plugin=protoc-gen-grpc=/usr/bin/grpc_cpp_plugin"
    const out = [`--cpp_out=${directory}`, `--grpc_out=${directory}`, plugin, `-I${file("protos")}`]
    await step({ command: "/usr/bin/protoc", args: [...out, ...protos] })
    const generated = protos.map((name) => join(directory, name.replace(".proto", ".pb.cc")))
    const libraries = await step({ command: "pkg-config", args: ["--libs", "grpc++", "protobuf"] })
    const flags = ["-O0", "-std=c++17", "-w", `-I${directory}`, "-o", join(directory, "server")]
    const service = join(directory, "grpc/testing/test.grpc.pb.cc")
    const args = [...flags, source, ...generated, service, ...libraries.trim().split(/\s+/), "-lpthread"]
    await step({ command: "g++", args })
  }
}

const cppDirectory = Peer.directory(cpp.name)

/** The server on gRPC C++; undefined when it could not be built. */
export const compressedServer =
  cppDirectory === undefined
    ? undefined
    : (port: number): Command => ({ command: join(cppDirectory, "server"), args: [`${port}`] })

/** gRPC C++ of Debian, with its asynchronous server: what our server's CPU time is compared with. */
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { revision, step } from "../Build.ts"
import * as Peer from "../Peer.ts"

const file = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
const source = file("server.cpp")
const idl = file("../../../bench/echo.proto")

export const cpp: Peer.Peer = {
  name: "grpc-cpp",
  debian: [
    "g++",
    "pkg-config",
    "libgrpc++-dev",
    "libprotobuf-dev",
    "protobuf-compiler",
    "protobuf-compiler-grpc",
    "nghttp2-client"
  ],
  revision: revision("1", source, idl),
  prepare: async (directory) => {
    const plugin = "--plugin=protoc-gen-grpc=/usr/bin/grpc_cpp_plugin"
    const out = [`--cpp_out=${directory}`, `--grpc_out=${directory}`, plugin, `-I${join(idl, "..")}`]
    await step({ command: "/usr/bin/protoc", args: [...out, idl] })
    const generated = ["echo.pb.cc", "echo.grpc.pb.cc"].map((name) => join(directory, name))
    const flags = ["-O2", "-std=c++17", "-w", `-I${directory}`]
    const libraries = await step({ command: "pkg-config", args: ["--libs", "grpc++", "protobuf"] })
    const args = [
      ...flags,
      source,
      ...generated,
      "-o",
      join(directory, "server"),
      ...libraries.trim().split(/\s+/),
      "-lpthread"
    ]
    await step({ command: "g++", args })
  }
}

/** The executable, or undefined when it could not be built. */
export const server = (): string | undefined => {
  const directory = Peer.directory(cpp.name)
  return directory === undefined ? undefined : join(directory, "server")
}

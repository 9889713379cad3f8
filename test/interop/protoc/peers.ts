/** protoc, Google's compiler of .proto files, from the npm package that brings its binaries. */
import { existsSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { revision, step } from "../Build.ts"
import * as Peer from "../Peer.ts"

const version = "36.2.0"

const architectures: Partial<Record<NodeJS.Architecture, string>> = { x64: "x86_64", arm64: "aarch_64" }

const binary = (directory: string): string => {
  const system = process.platform === "darwin" ? "osx" : process.platform
  return join(directory, "node_modules/protoc/bin", `protoc-${system}-${architectures[process.arch]}`)
}

export const protoc: Peer.Peer = {
  name: "protoc",
  debian: [],
  revision: revision(`1 ${version}`),
  prepare: async (directory) => {
    writeFileSync(join(directory, "package.json"), '{ "private": true }\n')
    await step({ command: "npm", args: ["install", "--ignore-scripts", `protoc@${version}`], cwd: directory })
    if (!existsSync(binary(directory)))
      throw new Error(`its package has no binary for ${process.platform} ${process.arch}`)
  }
}

/** The program, and the folder of the files that come with it; undefined when it could not be had. */
export const command = (): { readonly program: string; readonly include: string } | undefined => {
  const directory = Peer.directory(protoc.name)
  if (directory === undefined) return undefined
  return { program: binary(directory), include: join(directory, "node_modules/protoc/include") }
}

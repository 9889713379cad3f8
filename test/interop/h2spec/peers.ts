/** h2spec, the conformance suite of HTTP/2 servers: its newest release that Go's module proxy has, on pinned libraries. */
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { revision, step } from "../Build.ts"
import * as Peer from "../Peer.ts"
import type { Command } from "../Processes.ts"

const pins = [
  "github.com/summerwind/h2spec/cmd/h2spec@v2.2.1+incompatible",
  "github.com/fatih/color@v1.19.0",
  "github.com/spf13/cobra@v1.10.2",
  "github.com/spf13/pflag@v1.0.9",
  "golang.org/x/net@v0.62.0"
]

/** Of before Go's modules, so it is built as a dependency of a module made for it. */
export const h2spec: Peer.Peer = {
  name: "h2spec",
  debian: [],
  revision: revision(`1 ${pins.join(" ")}`),
  prepare: async (directory) => {
    writeFileSync(join(directory, "go.mod"), "module peer\n\ngo 1.24\n")
    await step({ command: "go", args: ["get", ...pins], cwd: directory })
    await step({ command: "go", args: ["build", "github.com/summerwind/h2spec/cmd/h2spec"], cwd: directory })
  }
}

/** h2spec with all cases, the strict ones too; undefined when it could not be built. */
export const command = (port: number, isSecure: boolean): Command | undefined => {
  const directory = Peer.directory(h2spec.name)
  if (directory === undefined) return undefined
  const tls = isSecure ? ["--tls", "--insecure"] : []
  return {
    command: join(directory, "h2spec"),
    args: ["--strict", "--host", "127.0.0.1", "--port", String(port), ...tls]
  }
}

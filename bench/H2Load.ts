/** Debian's h2load (package nghttp2-client) as a load of gRPC calls: a fixed number of them, on a core of its own. */
import { spawn, spawnSync } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pins } from "./Process.ts"
import type { Load, Run } from "./GrpcLoad.ts"
import { text } from "./Scenario.ts"

export const isInstalled: boolean = spawnSync("h2load", ["--version"]).status === 0

/** `echo.Request` in its envelope. */
const envelope = (length: number): Buffer => {
  const fields = Buffer.concat([field(0x0a, "echo"), field(0x12, text(length))])
  const head = Buffer.alloc(5)
  head.writeUInt32BE(fields.length, 1)
  return Buffer.concat([head, fields])
}

const field = (tag: number, value: string): Buffer => {
  const bytes = [tag]
  let length = value.length
  for (; length > 127; length >>>= 7) bytes.push((length & 127) | 128)
  return Buffer.concat([Buffer.from([...bytes, length]), Buffer.from(value)])
}

export const run: Load = ({ connections, message, outstanding, port, requests }) =>
  new Promise((resolve, reject) => {
    const folder = mkdtempSync(join(tmpdir(), "volant-bench-"))
    const body = join(folder, "body")
    writeFileSync(body, envelope(message))
    const headers = ["content-type: application/grpc", "te: trailers"].flatMap((header) => ["-H", header])
    const each = Math.max(1, Math.floor(outstanding / connections))
    const windows = message > 100_000 ? ["-w", "24", "-W", "26"] : []
    const load = ["-c", connections, "-m", each, "-n", requests, "-d", body, ...windows].map(String)
    const command = ["h2load", ...load, ...headers, `http://127.0.0.1:${port}/echo.EchoServer/Echo`]
    const all = pins ? ["taskset", "-c", "1", ...command] : command
    const child = spawn(all[0]!, all.slice(1), { stdio: ["ignore", "pipe", "inherit"] })
    let output = ""
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => (output += chunk))
    child.on("error", reject)
    child.on("close", () => {
      rmSync(folder, { recursive: true })
      const seconds = secondsOf(output)
      const isGood = output.includes(` ${requests} succeeded, 0 failed, 0 errored, 0 timeout`)
      if (isGood && seconds !== undefined) resolve({ seconds } satisfies Run)
      else reject(new Error(`h2load: not all of ${requests} calls were answered:\n${output}`))
    })
  })

/** From `finished in 1.23s, ...`, or in ms or us. */
const secondsOf = (output: string): number | undefined => {
  const [, value, unit] = /finished in ([\d.]+)(s|ms|us),/.exec(output) ?? []
  if (value === undefined) return undefined
  return Number(value) * (unit === "s" ? 1 : unit === "ms" ? 1e-3 : 1e-6)
}

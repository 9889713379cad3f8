/** `volant` as a process, as its users have it. */
import { spawn } from "node:child_process"
import { fileURLToPath } from "node:url"

const main = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url))

/** The folder that relative paths of IDL files start from. */
export const folder: string = fileURLToPath(new URL("../golden/idl", import.meta.url))

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export const volant = (
  args: ReadonlyArray<string>,
  options: { readonly input?: string | Uint8Array; readonly cwd?: string } = {}
): Promise<Ended> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ["--conditions=volant-source", main, ...args], {
      cwd: options.cwd ?? folder,
      env: { ...process.env, NO_COLOR: "1" }
    })
    const chunks: Record<"stdout" | "stderr", Array<Buffer>> = { stdout: [], stderr: [] }
    child.stdout.on("data", (chunk: Buffer) => chunks.stdout.push(chunk))
    child.stderr.on("data", (chunk: Buffer) => chunks.stderr.push(chunk))
    child.on("error", reject)
    child.on("close", (code) =>
      resolve({
        code,
        stdout: Buffer.concat(chunks.stdout).toString(),
        stderr: Buffer.concat(chunks.stderr).toString()
      })
    )
    // A command that reads none of it may be gone before it is written.
    child.stdin.on("error", () => undefined)
    child.stdin.end(options.input ?? "")
  })

/** Jobs in one process; one answer each. */
export const jobs = async (
  command: "decode" | "encode",
  jobs: ReadonlyArray<object | string>
): Promise<ReadonlyArray<Record<string, unknown>>> => {
  const input = jobs.map((job) => `${typeof job === "string" ? job : JSON.stringify(job)}\n`).join("")
  const { code, stderr, stdout } = await volant([command, "--jsonl"], { input })
  if (code !== 0 || stderr !== "") throw new Error(`exit code ${code}: ${stderr}`)
  return stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>)
}

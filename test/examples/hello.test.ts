import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import type { ChildProcess } from "node:child_process"
import * as Program from "./Program.ts"

describe("hello world", () => {
  let port: number
  let server: ChildProcess
  let serverEnded: Promise<Program.Ended>

  beforeAll(async () => {
    port = await Program.freePort()
    server = Program.start("examples/items/server.ts", [], { PORT: String(port) })
    serverEnded = Program.ended(server)
    await Program.listening(port, server)
  })

  afterAll(() => server.kill("SIGKILL"))

  const client = (id: string) => Program.ended(Program.start("examples/items/client.ts", [id], { PORT: String(port) }))

  it("gets an item", async () => {
    const { code, stdout, stderr } = await client("1024")
    assert.deepStrictEqual({ code, stdout, stderr }, { code: 0, stdout: "Hello, Volant!\n", stderr: "" })
  })

  it("gets the declared error", async () => {
    const { code, stdout } = await client("-7")
    assert.deepStrictEqual({ code, stdout }, { code: 0, stdout: "no item -7\n" })
  })

  it("stops on a signal", async () => {
    server.kill("SIGTERM")
    const { stderr } = await serverEnded
    assert.strictEqual(stderr, "")
  })
})

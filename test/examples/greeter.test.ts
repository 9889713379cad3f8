import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import type { ChildProcess } from "node:child_process"
import * as Program from "./Program.ts"

describe("the greeter", () => {
  let port = 0
  let server: ChildProcess

  beforeAll(async () => {
    port = await Program.freePort()
    server = Program.start("examples/greeter/server.ts", [], { PORT: String(port) })
    await Program.listening(port, server)
  })

  afterAll(() => {
    server.kill()
  })

  const call = (...names: ReadonlyArray<string>) =>
    Program.ended(Program.start("examples/greeter/client.ts", names, { PORT: String(port) }))

  it("greets in all four ways", async () => {
    const { code, stderr, stdout } = await call("Ada", "Grace")
    assert.strictEqual(code, 0, stderr)
    assert.deepStrictEqual(stdout.trim().split("\n"), [
      "Hello, Ada!",
      "Hello, Ada!",
      "Good morning, Ada!",
      "Good night, Ada!",
      "Hello, Ada, Grace!",
      "Hello, Ada!",
      "Hello, Grace!"
    ])
  })

  it("fails with its declared error", async () => {
    const { code, stderr, stdout } = await call("")
    assert.strictEqual(code, 0, stderr)
    assert.strictEqual(stdout.split("\n")[0], "nobody is there")
  })
})

import { assert, it } from "@effect/vitest"
import type { Window } from "../../bench/load.ts"
import * as Program from "../examples/Program.ts"

it("the load generator drives the raw server and counts its calls", async () => {
  const server = Program.start("bench/peers/raw.ts")
  const [line] = (await new Promise<Buffer>((resolve) => server.stdout!.once("data", resolve))).toString().split("\n")
  const port = line!.split(":")[1]!
  const flags = { port, connections: 4, outstanding: 32, message: 1024, seconds: 0.2, warmup: 0.1, windows: 2 }
  const args = Object.entries(flags).flatMap(([flag, value]) => [`--${flag}`, String(value)])
  const { code, stdout, stderr } = await Program.ended(Program.start("bench/load.ts", args))
  server.kill("SIGKILL")
  assert.strictEqual(stderr, "")
  assert.strictEqual(code, 0)
  const [opened, ...windows] = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line))
  assert.deepStrictEqual(opened, { opened: true })
  assert.lengthOf(windows, 2)
  for (const { requests, p50, p99 } of windows as ReadonlyArray<Window>) {
    assert.isAbove(requests, 100)
    assert.isAbove(p50, 0)
    assert.isAtLeast(p99, p50)
  }
})

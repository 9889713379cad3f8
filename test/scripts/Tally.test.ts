import { assert, it } from "@effect/vitest"
import { spawnSync } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll } from "vitest"

const script = fileURLToPath(new URL("../../scripts/tally.ts", import.meta.url))
const folder = mkdtempSync(join(tmpdir(), "volant-tally-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const report = (name: string, numPassedTests: number, numFailedTests: number, numPendingTests: number): string => {
  const path = join(folder, name)
  writeFileSync(path, JSON.stringify({ numPassedTests, numFailedTests, numPendingTests }))
  return path
}

const good = report("good", 3, 0, 0)
const bad = report("bad", 2, 1, 0)
const skipping = report("skipping", 1, 0, 2)
const empty = report("empty", 0, 0, 0)

it.each([
  ["0", [good, good], "6 passed, 0 failed", 0],
  ["0", [good, bad], "5 passed, 1 failed", 1],
  ["0", [good, skipping], "4 passed, 0 failed, 2 skipped", 0],
  ["1", [good], "3 passed, 1 failed", 1],
  ["0", [good, join(folder, "absent")], "3 passed, 1 failed", 1],
  ["0", [empty], "0 passed, 1 failed", 1]
] as const)("status %s, %j: %s", (status, paths, line, code) => {
  const ended = spawnSync(process.execPath, [script, status, ...paths], { encoding: "utf8" })
  assert.deepStrictEqual([ended.stdout.trimEnd().split("\n").at(-1), ended.status], [line, code])
})

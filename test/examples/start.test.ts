import { assert, it } from "@effect/vitest"
import * as Program from "./Program.ts"

it("npm start loses no call when an instance is killed, and ends by itself", { timeout: 60_000 }, async () => {
  const { code, stdout, stderr } = await Program.ended(Program.start("examples/items/main.ts"))
  assert.strictEqual(stderr, "")
  assert.match(stdout, /kill -9 \d+: B is gone/)
  assert.match(stdout, /\d+ attempts failed and were made again elsewhere, 0 calls were lost/)
  assert.match(stdout, /B is started again/)
  for (const protocol of ["Thrift", "gRPC  "]) assert.include(stdout, `    ${protocol} `)
  assert.match(stdout, /calls\/s {2}p50 [\d.]+ ms {2}p99 [\d.]+ ms {2}errors 0 {2}A +\d+ % {2}B +\d+ % {2}C +\d+ %/)
  assert.match(stdout, /Thrift: [\d,]+ calls in [\d.]+ s, with instances killed and restarted: \d+ retried, 0 lost\./)
  assert.match(stdout, /gRPC: [\d,]+ calls in [\d.]+ s, with instances killed and restarted: \d+ retried, 0 lost\./)
  assert.strictEqual(code, 0)
})

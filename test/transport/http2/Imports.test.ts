/** The engine stands by itself: it can serve any protocol above HTTP/2, and pays for none. */
import { assert, it } from "@effect/vitest"
import { readdirSync, readFileSync } from "node:fs"

const folder = new URL("../../../src/transport/http2/", import.meta.url)

it("knows neither gRPC nor Effect, but for what drives its timers", () => {
  const files = readdirSync(folder)
  assert.isAbove(files.length, 20)
  for (const file of files) {
    const source = readFileSync(new URL(file, folder), "utf8")
    for (const [, from] of source.matchAll(/ from "([^"]+)"/g)) {
      assert.match(from!, /^(\.\/\w+\.ts|\.\.\/\w+\.ts|\.\.\/\.\.\/wire\/\w+\.ts|node:\w+)$/, file)
      assert.notMatch(from!, /^node:(http2?|stream)$/, file)
    }
  }
})

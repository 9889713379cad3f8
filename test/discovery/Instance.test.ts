import { assert, describe, it } from "@effect/vitest"
import * as Instance from "../../src/discovery/Instance.ts"

describe("addresses", () => {
  const good: ReadonlyArray<readonly [text: string, canonical: string]> = [
    ["127.0.0.1:8080", "127.0.0.1:8080"],
    ["items.internal:80", "items.internal:80"],
    ["[::1]:9090", "[::1]:9090"],
    ["[fe80::1%eth0]:1", "[fe80::1%eth0]:1"],
    ["localhost:0", "localhost:0"],
    ["localhost:65535", "localhost:65535"],
    ["/run/items.sock", "unix:/run/items.sock"],
    ["unix:/run/items.sock", "unix:/run/items.sock"],
    ["unix:items.sock", "unix:items.sock"]
  ]
  for (const [text, canonical] of good) {
    it(`reads ${text}`, () => {
      const address = Instance.parseAddress(text)
      assert(address !== undefined)
      assert.strictEqual(Instance.formatAddress(address), canonical)
      assert.deepStrictEqual(Instance.parseAddress(canonical), address)
    })
  }

  for (const text of [
    "",
    "localhost",
    ":80",
    "localhost:",
    "localhost:65536",
    "localhost:x",
    "::1:80",
    "unix:",
    "a:b:1"
  ]) {
    it(`refuses "${text}"`, () => assert.strictEqual(Instance.parseAddress(text), undefined))
  }
})

it("an instance has Kitex's default weight and the text of its address as key", () => {
  const instance = Instance.make({ _tag: "Tcp", host: "::1", port: 80 })
  assert.strictEqual(instance.key, "[::1]:80")
  assert.strictEqual(instance.weight, 10)
  assert.strictEqual(instance.tags.size, 0)
})

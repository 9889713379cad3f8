import { assert, describe, it } from "@effect/vitest"
import * as Metadata from "../src/Metadata.ts"

describe("Metadata", () => {
  const bytes = Uint8Array.of(0, 255)

  it("keys have no case", () => {
    const metadata = Metadata.fromEntries([["Trace-Id", "1"]])
    assert.deepStrictEqual(metadata.entries, [["trace-id", "1"]])
    assert.strictEqual(Metadata.get(metadata, "TRACE-ID"), "1")
  })

  it("a key may repeat, in order", () => {
    const metadata = Metadata.append(Metadata.append(Metadata.empty, "a", "1"), "A", bytes)
    assert.strictEqual(Metadata.get(metadata, "a"), "1")
    assert.deepStrictEqual(Metadata.getAll(metadata, "a"), ["1", bytes])
    assert.deepStrictEqual(Metadata.getAll(metadata, "b"), [])
    assert.strictEqual(Metadata.get(metadata, "b"), undefined)
  })

  it("set replaces all values of a key, remove drops them", () => {
    const metadata = Metadata.fromEntries([
      ["a", "1"],
      ["b", "2"],
      ["A", "3"]
    ])
    assert.deepStrictEqual(Metadata.set(metadata, "A", "4").entries, [
      ["b", "2"],
      ["a", "4"]
    ])
    assert.deepStrictEqual(Metadata.remove(metadata, "A").entries, [["b", "2"]])
  })

  it("concat keeps both, and does not copy when one is empty", () => {
    const a = Metadata.fromEntries([["a", "1"]])
    const b = Metadata.fromEntries([["a", "2"]])
    assert.deepStrictEqual(Metadata.getAll(Metadata.concat(a, b), "a"), ["1", "2"])
    assert.strictEqual(Metadata.concat(a, Metadata.empty), a)
    assert.strictEqual(Metadata.concat(Metadata.empty, a), a)
  })

  it("nothing changes in place", () => {
    const metadata = Metadata.fromEntries([["a", "1"]])
    Metadata.append(metadata, "b", "2")
    Metadata.set(metadata, "a", "3")
    Metadata.remove(metadata, "a")
    assert.deepStrictEqual(metadata.entries, [["a", "1"]])
    assert.isTrue(Metadata.isEmpty(Metadata.empty))
  })
})

import { assert, describe, it } from "@effect/vitest"
import * as Metainfo from "../src/Metainfo.ts"

const entries = (metainfo: Metainfo.Metainfo) => ({
  persistent: Object.fromEntries(metainfo.persistent),
  transient: Object.fromEntries(metainfo.transient)
})

describe("Metainfo", () => {
  const both = Metainfo.withTransient(Metainfo.withPersistent(Metainfo.empty, "Lane", "blue"), "Hop", "1")

  it("keys keep their case", () => {
    assert.deepStrictEqual(entries(both), { persistent: { Lane: "blue" }, transient: { Hop: "1" } })
  })

  it("on the next hop persistent entries stay and transient ones are gone", () => {
    assert.deepStrictEqual(entries(Metainfo.next(both)), { persistent: { Lane: "blue" }, transient: {} })
    const persistent = Metainfo.next(both)
    assert.strictEqual(Metainfo.next(persistent), persistent)
  })

  it("of two the second wins where both have a key", () => {
    const other = Metainfo.withPersistent(Metainfo.withPersistent(Metainfo.empty, "Lane", "green"), "User", "7")
    assert.deepStrictEqual(entries(Metainfo.merge(both, other)), {
      persistent: { Lane: "green", User: "7" },
      transient: { Hop: "1" }
    })
    assert.strictEqual(Metainfo.merge(both, Metainfo.empty), both)
    assert.strictEqual(Metainfo.merge(Metainfo.empty, both), both)
  })

  it("nothing changes in place", () => {
    Metainfo.withPersistent(both, "Lane", "red")
    Metainfo.withTransient(both, "Hop", "2")
    assert.deepStrictEqual(entries(both), { persistent: { Lane: "blue" }, transient: { Hop: "1" } })
    assert.isTrue(Metainfo.isEmpty(Metainfo.empty))
    assert.isFalse(Metainfo.isEmpty(both))
  })
})

import { assert, describe, it } from "@effect/vitest"
import { maxSequenceId, Multiplexer } from "../../src/transport/Multiplexer.ts"
import * as Exchanges from "./Exchanges.ts"

const add = (table: Multiplexer, name?: string) => {
  const { exchange } = Exchanges.make(undefined, name)
  table.add(exchange)
  return exchange
}

describe("Multiplexer", () => {
  it("finds each waiting exchange by its id, once", () => {
    const table = new Multiplexer(10)
    const [a, b] = [add(table), add(table)]
    assert.notStrictEqual(a.sequenceId, b.sequenceId)
    assert.strictEqual(table.take(b.sequenceId), b)
    assert.strictEqual(table.take(b.sequenceId), undefined)
    assert.strictEqual(table.take(a.sequenceId), a)
    assert.strictEqual(table.size, 0)
  })

  it("is full at its concurrency", () => {
    const table = new Multiplexer(2)
    const first = add(table)
    assert.isFalse(table.isFull)
    add(table)
    assert.isTrue(table.isFull)
    table.take(first.sequenceId)
    assert.isFalse(table.isFull)
  })

  it("begins again at 1 behind the largest id, and skips ids in use", () => {
    const table = new Multiplexer(10, 0)
    const [first, second] = [add(table), add(table)]
    table.abandon(second)
    Object.assign(table, { last: maxSequenceId - 1 })
    assert.strictEqual(add(table).sequenceId, maxSequenceId)
    const wrapped = add(table)
    assert.deepStrictEqual([first.sequenceId, second.sequenceId, wrapped.sequenceId], [1, 2, 3])
  })

  it("tells a late reply from one that nobody asked for", () => {
    const table = new Multiplexer(10)
    const exchange = add(table)
    assert.isTrue(table.abandon(exchange))
    assert.strictEqual(table.size, 0)
    assert.strictEqual(table.take(exchange.sequenceId), undefined)
    assert.isTrue(table.takeUnclaimed(exchange.sequenceId))
    assert.isFalse(table.takeUnclaimed(exchange.sequenceId))
  })

  it("remembers the last oneway calls, in case one is answered", () => {
    const table = new Multiplexer(10)
    const ids = Array.from({ length: 1025 }, () => {
      const { exchange } = Exchanges.make()
      table.addOneway(exchange)
      return exchange.sequenceId
    })
    assert.strictEqual(table.size, 0)
    assert.isFalse(table.takeUnclaimed(ids[0]!))
    assert.isTrue(table.takeUnclaimed(ids[1]!))
    assert.isFalse(table.takeUnclaimed(ids[1]!))
  })

  it("gives a connection up that owes more replies than any peer is late with", () => {
    const table = new Multiplexer(100_000)
    const kept: Array<boolean> = []
    for (let i = 0; i <= 65_536; i++) kept.push(table.abandon(add(table)))
    assert.isTrue(kept[65_535])
    assert.isFalse(kept[65_536])
  })

  it("guesses whom a reply without a valid id is for, only when one alone can be meant", () => {
    const table = new Multiplexer(10)
    const a = add(table, "a")
    assert.strictEqual(table.guess("other"), a)
    const b = add(table, "b")
    assert.strictEqual(table.guess("b"), b)
    assert.strictEqual(table.guess("other"), undefined)
    add(table, "b")
    assert.strictEqual(table.guess("b"), undefined)
  })

  it("drains to nothing", () => {
    const table = new Multiplexer(10)
    const all = [add(table), add(table)]
    assert.deepStrictEqual(table.drain(), all)
    assert.strictEqual(table.size, 0)
  })
})

import { assert, describe, it } from "@effect/vitest"
import { PingPong } from "../../src/transport/PingPong.ts"
import * as Exchanges from "./Exchanges.ts"

describe("PingPong", () => {
  it("holds one exchange, and only its id answers it", () => {
    const table = new PingPong()
    const { exchange } = Exchanges.make()
    table.add(exchange)
    assert.isTrue(table.isFull)
    assert.strictEqual(table.take(exchange.sequenceId + 1), undefined)
    assert.strictEqual(table.guess(), exchange)
    assert.strictEqual(table.take(exchange.sequenceId), exchange)
    assert.strictEqual(table.size, 0)
  })

  it("is of no use once its call is abandoned, since the reply is still to come", () => {
    const table = new PingPong()
    const [first, second] = [Exchanges.make().exchange, Exchanges.make().exchange]
    table.add(first)
    table.take(first.sequenceId)
    assert.isTrue(table.abandon(first))
    table.add(second)
    assert.isFalse(table.abandon(second))
    assert.deepStrictEqual(table.drain(), [])
  })
})

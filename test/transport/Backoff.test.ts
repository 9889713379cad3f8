import { assert, describe, it } from "@effect/vitest"
import * as Backoff from "../../src/transport/Backoff.ts"

describe("Backoff", () => {
  it("grows by its factor up to its maximum", () => {
    const backoff = Backoff.make({ initial: 100, factor: 2, max: 500, jitter: 0 })
    assert.deepStrictEqual(
      [1, 2, 3, 4, 5].map((failures) => backoff.delay(failures, 0.5)),
      [100, 200, 400, 500, 500]
    )
  })

  it("varies by its jitter up and down", () => {
    const backoff = Backoff.make({ initial: 100, jitter: 0.2 })
    assert.closeTo(backoff.delay(1, 0), 80, 1e-9)
    assert.closeTo(backoff.delay(1, 0.5), 100, 1e-9)
    assert.closeTo(backoff.delay(1, 1), 120, 1e-9)
  })

  it("stays finite after very many failures", () => {
    assert.closeTo(Backoff.make().delay(100_000, 0.5), 10_000, 1e-9)
  })
})

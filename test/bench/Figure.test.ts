import { assert, describe, it } from "@effect/vitest"
import * as Figure from "../../bench/Figure.ts"

const figure = (given: Partial<Figure.Figure>): Figure.Figure => ({
  section: "server",
  name: "server, 64 x 1",
  against: "raw",
  unit: "us",
  ours: 12,
  peer: 10,
  compare: "ratio",
  ...given
})

describe("Figure", () => {
  it("compares as asked", () => {
    assert.strictEqual(Figure.result(figure({ compare: "ratio" })), 1.2)
    assert.strictEqual(Figure.result(figure({ compare: "difference" })), 2)
    assert.strictEqual(Figure.result(figure({ compare: "value" })), 12)
  })

  it("marks the better bound that holds", () => {
    const marked = (goal: number, stretch: number) => Figure.mark(figure({ goal, stretch }))
    assert.deepStrictEqual(
      [marked(1.3, 1.2), marked(1.3, 1.1), marked(1.1, 1), Figure.mark(figure({}))],
      ["stretch", "goal", "missed", ""]
    )
  })

  it("draws a line a figure, with bounds beside what they bound", () => {
    const [, , line] = Figure.table([figure({ goal: 1.3, stretch: 1.15 })]).split("\n")
    assert.match(line!, /server, 64 x 1 +raw +us +12\.00 +10\.00 +x 1\.20 +<= x 1\.30 +x 1\.15 +goal/)
  })
})

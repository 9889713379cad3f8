import { assert, describe, it } from "@effect/vitest"
import { isArrayNonEmpty } from "effect/Array"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import * as Call from "../../src/Call.ts"
import * as P2c from "../../src/balancing/P2c.ts"
import type { Policy } from "../../src/balancing/Policy.ts"
import * as RoundRobin from "../../src/balancing/RoundRobin.ts"
import { echo, FixedNode, portOf } from "./nodes.ts"

const call = Call.make(echo, "a")

const nodesOf = (...weights: ReadonlyArray<number>) => weights.map((weight, i) => new FixedNode(i + 1, weight))

const pickerOf = (policy: Policy, nodes: ReadonlyArray<FixedNode>) =>
  Effect.map(Random.Random, (random) => {
    const all = Array.from(nodes)
    assert(isArrayNonEmpty(all))
    return policy(all, random)
  })

/** Picks by port, in order. */
const picks = (policy: Policy, nodes: ReadonlyArray<FixedNode>, count: number) =>
  Effect.map(pickerOf(policy, nodes), (picker) => Array.from({ length: count }, () => portOf(picker(call))))

const sharesOf = (ports: ReadonlyArray<number>, nodes: ReadonlyArray<FixedNode>) =>
  nodes.map((node) => ports.filter((port) => port === portOf(node)).length / ports.length)

const assertShares = (shares: ReadonlyArray<number>, expected: ReadonlyArray<number>, tolerance: number) =>
  shares.forEach((share, i) => assert.closeTo(share, expected[i]!, tolerance, `share of node ${i + 1}`))

const seeds = ["one", "two", "three", "four", "five"]

for (const [name, policy] of [
  ["P2c", P2c.policy],
  ["RoundRobin", RoundRobin.policy]
] as const) {
  describe(name, () => {
    for (const weights of [[10], [10, 10], [10, 10, 10, 10, 10], [1, 3], [5, 1, 1], [10, 20, 30, 40], [0.5, 1.5]]) {
      it.effect(`shares by weight while all are idle: ${weights.join(" ")}`, () =>
        Effect.gen(function* () {
          const total = weights.reduce((a, b) => a + b)
          for (const seed of seeds) {
            const nodes = nodesOf(...weights)
            const ports = yield* Random.withSeed(picks(policy, nodes, 20_000), seed)
            assertShares(
              sharesOf(ports, nodes),
              weights.map((weight) => weight / total),
              0.015
            )
          }
        })
      )
    }

    it.effect("chooses the same with the same seed, and otherwise with another", () =>
      Effect.gen(function* () {
        const run = (seed: string) => Random.withSeed(picks(policy, nodesOf(...Array(64).fill(10)), 20), seed)
        assert.deepStrictEqual(yield* run("one"), yield* run("one"))
        assert.notDeepEqual(yield* run("one"), yield* run("two"))
      })
    )

    it.effect("leaves out an unreachable node", () =>
      Effect.gen(function* () {
        for (const weights of [
          [10, 10, 10],
          [10, 20, 30]
        ]) {
          const nodes = nodesOf(...weights)
          nodes[1]!.reachable = false
          const ports = yield* Random.withSeed(picks(policy, nodes, 5_000), "one")
          assert.isBelow(sharesOf(ports, nodes)[1]!, 0.001)
        }
      })
    )

    it.effect("sends anyway when none is reachable", () =>
      Effect.gen(function* () {
        const nodes = nodesOf(10, 10, 10)
        for (const node of nodes) node.reachable = false
        const ports = yield* picks(policy, nodes, 300)
        assert.strictEqual(new Set(ports).size, 3)
      })
    )
  })
}

describe("P2c under load", () => {
  it.effect("of two, the one with fewer calls in flight gets the call", () =>
    Effect.gen(function* () {
      const nodes = nodesOf(10, 10)
      nodes[0]!.inFlight = 1
      assert.deepStrictEqual(new Set(yield* picks(P2c.policy, nodes, 100)), new Set([2]))
    })
  )

  it.effect("of two with weights, the one with fewer calls per weight", () =>
    Effect.gen(function* () {
      for (const [loads, expected] of [
        [[1, 8], 2],
        [[1, 10], 1],
        [[0, 1], 1],
        [[1, 0], 2]
      ] as const) {
        const nodes = nodesOf(1, 9)
        nodes.forEach((node, i) => (node.inFlight = loads[i]!))
        assert.deepStrictEqual(new Set(yield* picks(P2c.policy, nodes, 500)), new Set([expected]))
      }
    })
  )

  it.effect("never the most loaded of all", () =>
    Effect.gen(function* () {
      const nodes = nodesOf(10, 10, 10, 10)
      nodes.forEach((node, i) => (node.inFlight = i))
      const shares = sharesOf(yield* Random.withSeed(picks(P2c.policy, nodes, 12_000), "one"), nodes)
      // The i-th of n wins the pairs with those above it: 3, 2, 1, 0 of 6.
      assertShares(shares, [3 / 6, 2 / 6, 1 / 6, 0], 0.02)
    })
  )

  it.effect("keeps loads even where calls stay, by weight", () =>
    Effect.gen(function* () {
      for (const [weights, calls] of [
        [[10, 10, 10, 10], 400],
        [[10, 30], 400],
        [[10, 20, 70], 1_000]
      ] as const) {
        const nodes = nodesOf(...weights)
        const picker = yield* Random.withSeed(pickerOf(P2c.policy, nodes), "one")
        for (let i = 0; i < calls; i++) nodes[portOf(picker(call)) - 1]!.inFlight++
        const total = weights.reduce((a, b) => a + b, 0)
        nodes.forEach((node, i) =>
          assert.closeTo(node.inFlight / calls, weights[i]! / total, 0.02, `load of node ${i + 1}`)
        )
      }
    })
  )

  it.effect("a node ten times as slow gets about a tenth", () =>
    Effect.gen(function* () {
      const nodes = nodesOf(10, 10, 10)
      const picker = yield* Random.withSeed(pickerOf(P2c.policy, nodes), "one")
      const ends: Array<readonly [at: number, node: FixedNode]> = []
      const counts = [0, 0, 0]
      for (let now = 0; now < 20_000; now++) {
        for (let i = ends.length - 1; i >= 0; i--) {
          if (ends[i]![0] <= now) ends.splice(i, 1)[0]![1].inFlight--
        }
        // About as many calls as the three can take.
        const node = nodes[portOf(picker(call)) - 1]!
        node.inFlight++
        counts[portOf(node) - 1]!++
        ends.push([now + (portOf(node) === 1 ? 200 : 20), node])
      }
      assert.isBelow(counts[0]! / 20_000, 0.1)
      assert.isAbove(counts[0]! / 20_000, 0.02)
    })
  )
})

describe("RoundRobin", () => {
  it.effect("takes each in turn", () =>
    Effect.gen(function* () {
      const ports = yield* picks(RoundRobin.policy, nodesOf(10, 10, 10), 9)
      for (let i = 0; i + 3 <= ports.length; i++) assert.strictEqual(new Set(ports.slice(i, i + 3)).size, 3)
    })
  )

  it.effect("spreads the turns of a heavy node, as nginx does", () =>
    Effect.gen(function* () {
      const ports = yield* picks(RoundRobin.policy, nodesOf(5, 1, 1), 14)
      const period = "1,1,2,1,3,1,1"
      assert.include(`${period},${period},${period}`, ports.join(","))
    })
  )

  it.effect("is exact over a period, also of weights without common divisor", () =>
    Effect.gen(function* () {
      const nodes = nodesOf(7, 13, 101)
      const ports = yield* picks(RoundRobin.policy, nodes, 121 * 3)
      assertShares(sharesOf(ports, nodes), [7 / 121, 13 / 121, 101 / 121], 1e-9)
    })
  )

  it.effect("starts anywhere", () =>
    Effect.gen(function* () {
      const starts = yield* Effect.forEach(seeds, (seed) =>
        Random.withSeed(picks(RoundRobin.policy, nodesOf(10, 10, 10, 10, 10), 1), seed)
      )
      assert.isAbove(new Set(starts.flat()).size, 1)
    })
  )
})

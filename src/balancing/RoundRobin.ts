/** Each node in its turn. With weights: smooth weighted round robin, as in nginx, which spreads a node's turns evenly. */
import type { NonEmptyReadonlyArray } from "effect/Array"
import { isUniform, type Node, type Policy } from "./Policy.ts"

/** Starts at a random node, so that many clients that start together do not all begin with the first. */
export const policy: Policy = (nodes, random) => {
  const turn = isUniform(nodes) ? turnsOf(nodes) : weightedTurns(nodes)
  let next = Math.floor(random.nextDoubleUnsafe() * nodes.length)
  return () => {
    const first = turn(next++)
    let node = first
    for (let skipped = 0; skipped < nodes.length && !node.isReachable(); skipped++) node = turn(next++)
    return node.isReachable() ? node : first
  }
}

const turnsOf = (nodes: NonEmptyReadonlyArray<Node>) => (turn: number) => nodes[turn % nodes.length]!

/** Turns are computed once and kept up to this many; a longer period repeats its beginning, which is as even. */
const maxKept = 16_384

const weightedTurns = (nodes: NonEmptyReadonlyArray<Node>) => {
  const total = nodes.reduce((sum, node) => sum + node.instance.weight, 0)
  const credit = nodes.map(() => 0)
  const kept: Array<Node> = []
  let length = maxKept
  const extend = (): Node => {
    let best = 0
    for (let i = 0; i < nodes.length; i++) {
      credit[i]! += nodes[i]!.instance.weight
      if (credit[i]! > credit[best]!) best = i
    }
    credit[best]! -= total
    kept.push(nodes[best]!)
    if (credit.every((left) => left === 0)) length = kept.length
    return nodes[best]!
  }
  return (turn: number) => {
    const at = turn % length
    while (kept.length < at) extend()
    return kept[at] ?? extend()
  }
}

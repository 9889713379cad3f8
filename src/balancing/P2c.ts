/**
 * Power of two choices: draw two nodes at random, take the one with fewer calls in flight (Mitzenmacher 2001, "The Power of
 * Two Choices in Randomized Load Balancing"). Slow instances get less without any of them being measured.
 */
import type { NonEmptyReadonlyArray } from "effect/Array"
import type { Random } from "effect/Random"
import { isUniform, type Node, type Policy } from "./Policy.ts"

/** How often to draw again when neither is reachable; then send anyway. Finagle's default. */
const maxRedraws = 4

/**
 * Weights are shares: the two nodes are drawn in proportion to their weights, and loads are compared per weight, so an idle
 * set is shared by weight and a busy one evens out the load per weight.
 */
export const policy: Policy = (nodes, random) => {
  const [only] = nodes
  if (nodes.length === 1) return () => only
  const draw = isUniform(nodes) ? drawUniform(nodes, random) : drawWeighted(nodes, random)
  return () => {
    let node = draw()
    for (let redraws = 0; redraws < maxRedraws && !node.isReachable(); redraws++) node = draw()
    return node
  }
}

const drawUniform = (nodes: NonEmptyReadonlyArray<Node>, random: Random) => (): Node => {
  const a = Math.floor(random.nextDoubleUnsafe() * nodes.length)
  const b = Math.floor(random.nextDoubleUnsafe() * (nodes.length - 1))
  return better(nodes[a]!, nodes[b >= a ? b + 1 : b]!)
}

const drawWeighted = (nodes: NonEmptyReadonlyArray<Node>, random: Random) => {
  const ends: Array<number> = []
  let total = 0
  for (const node of nodes) ends.push((total += node.instance.weight))
  return (): Node => {
    const a = find(ends, random.nextDoubleUnsafe() * total)
    const weight = nodes[a]!.instance.weight
    // Drawn from the line of weights with a's piece cut out.
    const at = random.nextDoubleUnsafe() * (total - weight)
    return better(nodes[a]!, nodes[find(ends, at < ends[a]! - weight ? at : at + weight)]!)
  }
}

/** The first piece that ends behind `at`. */
const find = (ends: ReadonlyArray<number>, at: number): number => {
  let low = 0
  let high = ends.length - 1
  while (low < high) {
    const middle = (low + high) >>> 1
    if (ends[middle]! > at) high = middle
    else low = middle + 1
  }
  return low
}

const better = (a: Node, b: Node): Node => {
  if (a.isReachable() !== b.isReachable()) return a.isReachable() ? a : b
  return a.load() * b.instance.weight <= b.load() * a.instance.weight ? a : b
}

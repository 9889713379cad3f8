/** How an instance is chosen: built anew for each set of nodes, so that a call only makes one synchronous choice. */
import type { NonEmptyReadonlyArray } from "effect/Array"
import type { Random } from "effect/Random"
import type { Call } from "../Call.ts"
import type { Endpoint } from "../Endpoint.ts"
import type { Instance } from "../discovery/Instance.ts"

/** An instance with its live load. One node stands for the same instance as long as it is in the set. */
export interface Node {
  readonly instance: Instance
  /** Calls in flight there now. */
  readonly load: () => number
  /** false while dialling it keeps failing. */
  readonly isReachable: () => boolean
  /** Sends a call there. */
  readonly endpoint: Endpoint["Service"]
}

/** Chooses the node of one call. */
export interface Picker {
  (call: Call): Node
}

/** Makes the picker of one set. All nodes have a weight above 0. Chance comes from `random` alone. */
export interface Policy {
  (nodes: NonEmptyReadonlyArray<Node>, random: Random): Picker
}

/** Whether all nodes have the same weight. */
export const isUniform = (nodes: NonEmptyReadonlyArray<Node>): boolean =>
  nodes.every((node) => node.instance.weight === nodes[0].instance.weight)

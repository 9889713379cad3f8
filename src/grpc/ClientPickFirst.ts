/** gRPC's pick_first: all calls go to one instance as long as it can be reached, and then to the next that can. */
import type { Policy } from "../balancing/Policy.ts"

/** The order is that of discovery. */
export const policy: Policy = (nodes) => {
  let current = 0
  return () => {
    for (let skipped = 0; skipped < nodes.length; skipped++) {
      const node = nodes[current]!
      if (node.isReachable()) return node
      current = (current + 1) % nodes.length
    }
    return nodes[current]!
  }
}

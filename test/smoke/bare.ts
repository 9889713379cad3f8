// Node that only listens: what a server's memory is compared with.
import { createServer } from "node:net"

/** Tells the parent that it has started, then answers each message with its resident memory in bytes. */
export const answer = (): void => {
  process.on("message", () => {
    // Garbage of the start is nobody's memory.
    for (let round = 0; round < 3; round++) globalThis.gc?.()
    process.send?.(process.memoryUsage.rss())
  })
  process.on("disconnect", () => process.exit(0))
  process.send?.("started")
}

if (process.argv[1]?.endsWith("bare.js") === true) createServer().listen(0, "127.0.0.1", answer)

// Prints the resident memory of Node that only listens, in bytes, and ends. Garbage of the start is nobody's memory.
import { createServer } from "node:net"

/** Prints the resident memory of this process after full collections. */
export const resident = (): void => {
  for (let round = 0; round < 3; round++) globalThis.gc?.()
  console.log(process.memoryUsage.rss())
}

if (process.argv[1]?.endsWith("bare.js") === true) {
  const server = createServer().listen(0, "127.0.0.1", () => {
    resident()
    server.close()
  })
}

// Prints the resident memory of bare Node, in bytes, and ends. Both programs give what was thrown away at start time to go.
import { setTimeout } from "node:timers/promises"

export const resident = async (): Promise<void> => {
  for (let round = 0; round < 3; round++) {
    await setTimeout(100)
    globalThis.gc?.()
  }
  console.log(process.memoryUsage.rss())
}

if (process.argv[1]?.endsWith("bare.js")) await resident()

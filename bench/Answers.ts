/** The measured program's side of Process.ts: it answers for its CPU time and its memory over Node's IPC channel. */
import { ownCpu } from "./Cpu.ts"

/** Does nothing where the program was not started by the bench. */
export const answer = (): void => {
  if (process.send === undefined) return
  process.on("message", (question) => process.send!(question === "cpu" ? ownCpu() : memory()))
  process.on("disconnect", () => process.exit(0))
}

/** KiB after a full collection, so that garbage is nobody's memory. */
const memory = (): number => {
  const collect = (globalThis as { readonly gc?: () => void }).gc
  for (let times = 0; times < 3; times++) collect?.()
  return process.memoryUsage.rss() / 1024
}

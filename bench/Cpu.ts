/** CPU time of processes, in microseconds. */
import { readdirSync, readFileSync } from "node:fs"

/** CPU time of a process over all its threads, microseconds; undefined where there is no /proc. Threads of V8 count. */
export const threadsCpu = (pid: number): number | undefined => {
  let nanos = 0
  try {
    for (const thread of readdirSync(`/proc/${pid}/task`)) {
      nanos += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "latin1").split(" ", 1)[0])
    }
  } catch {
    return undefined
  }
  return nanos / 1000
}

/** CPU time of this process. */
export const ownCpu = (): number => {
  const { user, system } = process.cpuUsage()
  return user + system
}

/** Runs a client in a closed loop in this process and prints what a call costs it, a line of JSON a window. */
import { parseArgs } from "node:util"
import { text } from "./Scenario.ts"

export interface Window {
  readonly calls: number
  readonly perSecond: number
  /** CPU microseconds a call of the whole process. */
  readonly cpu: number
}

const { values } = parseArgs({
  options: {
    port: { type: "string" },
    outstanding: { type: "string", default: "64" },
    message: { type: "string", default: "45" },
    seconds: { type: "string", default: "1" },
    warmup: { type: "string", default: "1" },
    windows: { type: "string", default: "3" }
  }
})

export const port = Number(values.port)
export const outstanding = Number(values.outstanding)
export const message = text(Number(values.message))

/** `calls` tells how many calls have been answered so far. Ends the process after the last window. */
export const measure = (calls: () => number): void => {
  const runWindow = (left: number): void => {
    if (left === 0) process.exit(0)
    const before = calls()
    const started = performance.now()
    const cpu = process.cpuUsage()
    setTimeout(
      () => {
        const { user, system } = process.cpuUsage(cpu)
        const answered = calls() - before
        if (answered === 0) {
          console.error("client: no reply came in a whole window")
          process.exit(1)
        }
        const window: Window = {
          calls: answered,
          perSecond: Math.round((answered / (performance.now() - started)) * 1000),
          cpu: (user + system) / answered
        }
        console.log(JSON.stringify(window))
        runWindow(left - 1)
      },
      Number(values.seconds) * 1000
    )
  }
  setTimeout(() => runWindow(Number(values.windows)), Number(values.warmup) * 1000)
}

/** Shows the demo: a table that is drawn in place on a terminal, plain lines elsewhere. */
import { styleText } from "node:util"
import type { Server } from "./Fleet.ts"
import type { Interval, Traffic } from "./Traffic.ts"

export interface Screen {
  /** Something happened. */
  readonly event: (text: string) => void
  readonly tick: (servers: ReadonlyArray<Server>, interval: Interval, traffic: Traffic) => void
  /** How it ended: the last thing shown. */
  readonly end: (good: boolean, text: string) => void
}

export const make = (): Screen => {
  const started = performance.now()
  const clock = () => `${((performance.now() - started) / 1000).toFixed(1).padStart(5)} s`
  return process.stdout.isTTY ? onTerminal(clock) : onPipe(clock)
}

const whole = (value: number): string => Math.round(value).toLocaleString("en-US")

const shareOf = (server: Server, { byInstance, calls }: Interval): number =>
  calls === 0 ? 0 : (byInstance.get(server.name) ?? 0) / calls

const percent = (share: number): string => `${Math.round(share * 100)} %`.padStart(5)

const onPipe = (clock: () => string): Screen => ({
  event: (text) => console.log(`${clock()}  ${text}`),
  tick: (servers, interval, traffic) => {
    const shares = servers.map((server) => `${server.name} ${percent(shareOf(server, interval))}`).join("  ")
    const { p50, p99, perSecond } = interval
    console.log(
      `${clock()}    ${whole(perSecond).padStart(7)} calls/s  p50 ${p50.toFixed(1)} ms  p99 ${p99.toFixed(1)} ms  ` +
        `errors ${traffic.lost}  ${shares}`
    )
  },
  end: (_, text) => console.log(`\n${text}`)
})

const onTerminal = (clock: () => string): Screen => {
  let drawn: ReadonlyArray<string> = []
  const erase = () => (drawn.length === 0 ? "" : `\x1b[${drawn.length}A\x1b[J`)
  const write = (text: string) => process.stdout.write(text)
  return {
    event: (text) => write(`${erase()}  ${styleText("dim", clock())}  ${text}\n${lines(drawn)}`),
    tick: (servers, interval, traffic) => {
      const next = block(servers, interval, traffic)
      write(erase() + lines(next))
      drawn = next
    },
    end: (good, text) => write(`\n  ${styleText(good ? "green" : "red", text)}\n\n`)
  }
}

const lines = (block: ReadonlyArray<string>): string => block.map((line) => `${line}\n`).join("")

const barWidth = 20

const block = (servers: ReadonlyArray<Server>, interval: Interval, traffic: Traffic): ReadonlyArray<string> => [
  "",
  styleText(
    "dim",
    `  ${"instance".padEnd(10)}${"address".padEnd(18)}${"state".padEnd(10)}${"calls/s".padStart(8)}  share`
  ),
  ...servers.map((server) => row(server, interval)),
  "",
  `  ${styleText("bold", `${whole(interval.perSecond)} calls/s`)}   p50 ${interval.p50.toFixed(1)} ms   ` +
    `p99 ${interval.p99.toFixed(1)} ms   ${whole(traffic.calls)} calls   ${whole(traffic.retried)} retried   ` +
    styleText(traffic.lost === 0 ? "green" : "red", `${traffic.lost} lost`),
  ""
]

const colors = { up: "green", killed: "red", starting: "yellow", stopping: "yellow", stopped: "dim" } as const

const row = (server: Server, interval: Interval): string => {
  const share = shareOf(server, interval)
  const filled = Math.round(share * barWidth)
  const bar = styleText("cyan", "█".repeat(filled)) + styleText("dim", "·".repeat(barWidth - filled))
  const state = styleText(colors[server.state], server.state.padEnd(10))
  const perSecond = whole(share * interval.perSecond).padStart(8)
  return `  ${server.name.padEnd(10)}${server.address.padEnd(18)}${state}${perSecond}  ${bar} ${percent(share)}`
}

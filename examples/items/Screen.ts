/** Shows the demo: a table that is drawn in place on a terminal, plain lines elsewhere. */
import { styleText } from "node:util"
import type { Server } from "./Fleet.ts"
import type { Interval, Traffic } from "./Traffic.ts"

/** What the callers of one protocol have seen since the last tick. */
interface Line {
  readonly traffic: Traffic
  readonly interval: Interval
}

export interface Screen {
  /** Something happened. */
  readonly event: (text: string) => void
  readonly tick: (servers: ReadonlyArray<Server>, traffics: ReadonlyArray<Traffic>) => void
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

const look = (traffics: ReadonlyArray<Traffic>): ReadonlyArray<Line> =>
  traffics.map((traffic) => ({ traffic, interval: traffic.interval() }))

const onPipe = (clock: () => string): Screen => ({
  event: (text) => console.log(`${clock()}  ${text}`),
  tick: (servers, traffics) => {
    for (const { interval, traffic } of look(traffics)) {
      const shares = servers.map((server) => `${server.name} ${percent(shareOf(server, interval))}`).join("  ")
      const { p50, p99, perSecond } = interval
      console.log(
        `${clock()}    ${traffic.protocol.padEnd(6)} ${whole(perSecond).padStart(7)} calls/s  p50 ${p50.toFixed(1)} ms  ` +
          `p99 ${p99.toFixed(1)} ms  errors ${traffic.lost}  ${shares}`
      )
    }
  },
  end: (_, text) => console.log(`\n  ${text}`)
})

const onTerminal = (clock: () => string): Screen => {
  let drawn: ReadonlyArray<string> = []
  const erase = () => (drawn.length === 0 ? "" : `\x1b[${drawn.length}A\x1b[J`)
  const write = (text: string) => process.stdout.write(text)
  return {
    event: (text) => write(`${erase()}  ${styleText("dim", clock())}  ${text}\n${lines(drawn)}`),
    tick: (servers, traffics) => {
      const next = block(servers, look(traffics))
      write(erase() + lines(next))
      drawn = next
    },
    end: (good, text) => write(`\n  ${styleText(good ? "green" : "red", text)}\n\n`)
  }
}

const lines = (block: ReadonlyArray<string>): string => block.map((line) => `${line}\n`).join("")

const barWidth = 10
const columnWidth = 28

const block = (servers: ReadonlyArray<Server>, seen: ReadonlyArray<Line>): ReadonlyArray<string> => [
  "",
  styleText(
    "dim",
    `  ${"instance".padEnd(10)}${"state".padEnd(10)}` +
      seen.map(({ traffic }) => `${traffic.protocol} calls/s`.padStart(14).padEnd(columnWidth)).join("")
  ),
  ...servers.map((server) => row(server, seen)),
  "",
  ...seen.map(total),
  ""
]

const total = ({ interval, traffic }: Line): string =>
  `  ${traffic.protocol.padEnd(7)} ${styleText("bold", `${whole(interval.perSecond).padStart(6)} calls/s`)}   ` +
  `p50 ${interval.p50.toFixed(1)} ms   p99 ${interval.p99.toFixed(1)} ms   ${whole(traffic.retried)} retried   ` +
  styleText(traffic.lost === 0 ? "green" : "red", `${traffic.lost} lost`)

const colors = { up: "green", killed: "red", starting: "yellow", stopping: "yellow", stopped: "dim" } as const

const row = (server: Server, seen: ReadonlyArray<Line>): string => {
  const state = styleText(colors[server.state], server.state.padEnd(10))
  return `  ${server.name.padEnd(10)}${state}${seen.map(({ interval }) => column(server, interval)).join("")}`
}

const column = (server: Server, interval: Interval): string => {
  const share = shareOf(server, interval)
  const filled = Math.round(share * barWidth)
  const bar = styleText("cyan", "█".repeat(filled)) + styleText("dim", "·".repeat(barWidth - filled))
  return `${whole(share * interval.perSecond).padStart(8)}  ${bar} ${percent(share)}  `
}

/** CPU microseconds that the usual three middleware add to a client call. The measuring is in middleware.ts. */
import type { Figure } from "./Figure.ts"
import type { Options } from "./Options.ts"
import { program, start } from "./Process.ts"
import { progress } from "./Progress.ts"

const bare = "bare"
const stacked = "timeout, retry, timeout"

export const measure = async (options: Options): Promise<ReadonlyArray<Figure>> => {
  const least = new Map<string, number>()
  for (let round = 0; round < Math.min(2, options.rounds); round++) {
    progress(`middleware, round ${round + 1}`)
    for (const [name, micros] of await costs()) least.set(name, Math.min(micros, least.get(name) ?? Infinity))
  }
  const of = (name: string): number => {
    const micros = least.get(name)
    if (micros === undefined) throw new Error(`bench/middleware.ts printed no line for "${name}"`)
    return micros
  }
  return [
    {
      section: "middleware",
      name: stacked,
      against: "the call without",
      unit: "us/call",
      ours: of(stacked),
      peer: of(bare),
      compare: "difference",
      goal: 1,
      stretch: 0.4
    }
  ]
}

/** Its lines: a name, and nanoseconds a call. */
const costs = async (): Promise<ReadonlyMap<string, number>> => {
  const found = new Map<string, number>()
  const running = start(program("middleware"), [], "load")
  for (;;) {
    const { value } = await running.lines.next()
    if (value === undefined) break
    const line = /^(.+?) +([\d.]+) ns\/call/.exec(value)
    if (line !== null) found.set(line[1]!, Number(line[2]) / 1000)
  }
  return found
}

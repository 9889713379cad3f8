/** Measures codecs in turn, round after round, and keeps each one's least cost. */
import { readFileSync } from "node:fs"
import { ownCpu } from "./Cpu.ts"
import { progress } from "./Progress.ts"

export interface Cost {
  readonly name: string
  /** Least nanoseconds of all rounds. */
  readonly encode: number
  readonly decode: number
}

export interface Codec {
  readonly name: string
  readonly encode: () => Uint8Array
  readonly decode: () => unknown
}

const nanos = (run: () => unknown, times: number): number => {
  const start = ownCpu()
  for (let i = 0; i < times; i++) run()
  return ((ownCpu() - start) * 1000) / times
}

/** Every codec's least cost over the rounds. */
export const least = (all: ReadonlyArray<Codec>, what: string, rounds: number): ReadonlyArray<Cost> => {
  const costs = all.map(({ name }) => ({ name, encode: Infinity, decode: Infinity }))
  for (let round = -2; round < rounds; round++) {
    progress(`${what}, round ${round + 1}`)
    all.forEach((codec, index) => {
      const times = round < 0 ? 6000 : 3000
      const encode = nanos(codec.encode, times)
      const decode = nanos(codec.decode, times)
      if (round < 0) return
      const cost = costs[index]!
      cost.encode = Math.min(cost.encode, encode)
      cost.decode = Math.min(cost.decode, decode)
    })
  }
  return costs
}

/** The text of an IDL of the bench. */
export const textOf = (file: string): string => {
  for (const path of [file, `../../../bench/${file}`]) {
    try {
      return readFileSync(new URL(path, import.meta.url), "utf8")
    } catch {
      // Compiled, this file stands three folders below the one that has the IDL.
    }
  }
  throw new Error(`bench/${file} is not there`)
}

/** A line for each codec. */
export const table = (costs: ReadonlyArray<Cost>): string =>
  costs
    .map(({ decode, encode, name }) =>
      [name.padEnd(24), ...[encode, decode, encode + decode].map((each) => each.toFixed(0).padStart(8))].join("")
    )
    .join("\n")

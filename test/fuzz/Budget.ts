/** What fuzzing holds every input to: a value or a typed error, soon, and nothing kept. */
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { assert } from "@effect/vitest"
import { isCodecError } from "../../src/Codec.ts"

/** Inputs a target: 20,000 unless VOLANT_FUZZ says otherwise, as the interop run does. */
export const inputs = Number(process.env["VOLANT_FUZZ"] ?? 20_000)

/** Milliseconds that a test with this many inputs may take. */
export const timeout = 30_000 + inputs * 2

/** Milliseconds for one input, of at most some kilobytes: far above what any takes, far below what a loop would. */
const slowest = 250

export interface Outcome extends Record<string, number> {
  values: number
  errors: number
  /** Milliseconds. */
  slowest: number
}

/** Says what ran, in a run that asked for a number. */
export const report = (what: string, ends: Readonly<Record<string, number>>, count = inputs): void => {
  if (process.env["VOLANT_FUZZ"] === undefined) return
  const shown = Object.entries(ends).map(([end, count]) => `${Math.round(count * 100) / 100} ${end}`)
  console.log(`fuzz, ${what}: ${count} inputs, ${shown.join(", ")}`)
}

/** Where a failing input can be made again from. */
export const show = (seed: number, index: number, input: Buffer): string =>
  `seed ${seed}, input ${index}: ${input.toString("hex").slice(0, 2000)}`

/** Runs `decode` on `count` inputs; anything thrown but a `CodecError`, or a slow one, fails with the input. */
export const run = (seed: number, count: number, make: () => Buffer, decode: (input: Buffer) => unknown): Outcome => {
  const outcome: Outcome = { values: 0, errors: 0, slowest: 0 }
  for (let index = 0; index < count; index++) {
    const input = make()
    const start = performance.now()
    try {
      decode(input)
      outcome.values++
    } catch (error) {
      if (!isCodecError(error)) throw new Error(`not a typed error: ${show(seed, index, input)}`, { cause: error })
      outcome.errors++
    }
    const took = performance.now() - start
    if (took > slowest && isSlowAgain(input, decode)) assert.fail(`took ${took} ms: ${show(seed, index, input)}`)
    outcome.slowest = Math.max(outcome.slowest, took)
  }
  return outcome
}

/** The machine may have been busy, or the collector at work: only what is slow three times is slow. */
const isSlowAgain = (input: Buffer, decode: (input: Buffer) => unknown): boolean => {
  for (let times = 0; times < 2; times++) {
    const start = performance.now()
    try {
      decode(input)
    } catch {
      // The first run has seen it.
    }
    if (performance.now() - start <= slowest) return false
  }
  return true
}

/** Bytes of heap and of buffers in use, after a collection. */
export const memory = (): number => {
  collect()
  const { arrayBuffers, heapUsed } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

setFlagsFromString("--expose-gc")
const collect: () => void = runInNewContext("gc")

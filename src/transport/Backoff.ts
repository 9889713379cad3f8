/**
 * How long to leave a peer alone after failed attempts to connect: exponential with jitter, so that many clients of one
 * restarted server do not come back at the same instant.
 */
import * as Duration from "effect/Duration"

/** Durations and shape of the pauses. */
export interface Options {
  /** The pause after the first failure. Default 100 ms. */
  readonly initial?: Duration.Input | undefined
  /** What each further failure multiplies the pause by. Default 1.6, as in gRPC's connection backoff. */
  readonly factor?: number | undefined
  /** The longest pause. Default 10 s. */
  readonly max?: Duration.Input | undefined
  /** A pause varies by this fraction up and down. Default 0.2. */
  readonly jitter?: number | undefined
}

/** A policy of pauses; it holds no state. */
export interface Backoff {
  /** The pause after `failures` failures in a row (1 or more), in milliseconds; `random` is in [0, 1). */
  readonly delay: (failures: number, random: number) => number
}

/** Pauses of `initial * factor ^ (failures - 1)`, at most `max`, then jittered. */
export const make = (options?: Options): Backoff => {
  const initial = Duration.toMillis(options?.initial ?? "100 millis")
  const factor = options?.factor ?? 1.6
  const max = Duration.toMillis(options?.max ?? "10 seconds")
  const jitter = options?.jitter ?? 0.2
  return {
    delay: (failures, random) => {
      const pause = Math.min(max, initial * factor ** (failures - 1))
      return pause * (1 + jitter * (2 * random - 1))
    }
  }
}

/** How the calls of a chaos run ended. */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { isRpcError } from "../../../src/RpcError.ts"

export interface Outcomes {
  values: number
  /** Calls that ended with a typed failure, by its reason. */
  readonly failures: Map<string, number>
  /** What must not happen: another's value, a defect, an end after the deadline. */
  readonly wrong: Array<string>
  /** Milliseconds that the longest call took. */
  longest: number
}

export const make = (): Outcomes => ({ values: 0, failures: new Map(), wrong: [], longest: 0 })

/** Runs one call and notes how it ended; true when with a value. */
export const note = <A>(
  outcomes: Outcomes,
  name: string,
  call: Effect.Effect<A, unknown>,
  isRight: (value: A) => boolean,
  latest: number
): Effect.Effect<boolean> =>
  Effect.suspend(() => {
    const start = performance.now()
    return Effect.map(Effect.exit(call), (exit) => {
      const took = performance.now() - start
      outcomes.longest = Math.max(outcomes.longest, took)
      if (took > latest) outcomes.wrong.push(`${name} ended after ${took.toFixed(0)} ms; at most ${latest} are right`)
      if (Exit.isSuccess(exit)) {
        if (isRight(exit.value)) outcomes.values++
        else outcomes.wrong.push(`${name} was answered with another's value`)
        return true
      }
      const [reason] = exit.cause.reasons
      if (reason?._tag === "Fail" && isRpcError(reason.error)) {
        const tag = reason.error.reason._tag
        outcomes.failures.set(tag, (outcomes.failures.get(tag) ?? 0) + 1)
      } else outcomes.wrong.push(`${name} ended with ${String(exit.cause)}`)
      return false
    })
  })

export const show = (outcomes: Outcomes): string =>
  [
    `${outcomes.values} values`,
    ...[...outcomes.failures].map(([tag, count]) => `${count} ${tag}`),
    `longest ${outcomes.longest.toFixed(0)} ms`
  ].join(", ")

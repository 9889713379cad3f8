/** Exchanges for tests that need no caller's fiber: how one ended is written down. */
import * as Exit from "effect/Exit"
import * as Call from "../../src/Call.ts"
import * as Method from "../../src/Method.ts"
import type { Reply } from "../../src/Reply.ts"
import type { RpcError } from "../../src/RpcError.ts"
import { Exchange, type Load } from "../../src/transport/Exchange.ts"

export const method = (name: string) =>
  Method.unary<unknown, unknown>({ name, contract: "test.Service", codec: { protocol: "none" } })

export interface Observed {
  readonly exchange: Exchange
  readonly exit: () => Exit.Exit<Reply, RpcError> | undefined
  /** "open", "reply", or the tag of the reason. */
  readonly state: () => string
}

export const make = (load: Load = { inFlight: 0 }, name = "echo"): Observed => {
  let exit: Exit.Exit<Reply, RpcError> | undefined
  const exchange = new Exchange(Call.make(method(name), undefined), "peer:1", load, (ended) => void (exit = ended))
  return {
    exchange,
    exit: () => exit,
    state: () => {
      if (exit === undefined) return "open"
      if (Exit.isSuccess(exit)) return "reply"
      const reason = errorOf(exit)?.reason
      return reason?._tag === "Unavailable" && reason.unsent ? "Unavailable, unsent" : (reason?._tag ?? "defect")
    }
  }
}

export const errorOf = (exit: Exit.Exit<unknown, RpcError> | undefined): RpcError | undefined => {
  if (exit === undefined || Exit.isSuccess(exit)) return undefined
  const [first] = exit.cause.reasons
  return first?._tag === "Fail" ? first.error : undefined
}

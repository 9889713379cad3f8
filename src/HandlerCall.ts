/** Runs a handler for one call and turns how it ended into a reply. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Call from "./Call.ts"
import * as Reply from "./Reply.ts"
import { isRpcError, type RpcError } from "./RpcError.ts"

/** A declared failure becomes a reply, an RpcError stays a failure. A handler that is already done costs no fiber. */
export const run = (
  call: Call.Call,
  handler: (request: unknown) => Effect.Effect<unknown, unknown>
): Effect.Effect<Reply.Reply, RpcError> => {
  if (call.deadline !== undefined) call.inFlight?.bound(call.deadline)
  // Middleware may have derived another call: then the handler must see that one.
  if (call.inFlight !== undefined && call.inFlight.call !== call) return runAs(call, handler)
  let running: Effect.Effect<unknown, unknown>
  try {
    running = handler(call.payload)
  } catch (defect) {
    return Effect.die(defect)
  }
  if (Exit.isExit(running) && Exit.isSuccess(running)) return Exit.succeed(Reply.succeed(running.value))
  return Effect.matchEffect(running, { onSuccess, onFailure })
}

const onSuccess = (value: unknown): Effect.Effect<Reply.Reply> => Exit.succeed(Reply.succeed(value))

const onFailure = (error: unknown): Effect.Effect<Reply.Reply, RpcError> =>
  isRpcError(error) ? Exit.fail(error) : Exit.succeed(Reply.fail(error))

const runAs = (
  call: Call.Call,
  handler: (request: unknown) => Effect.Effect<unknown, unknown>
): Effect.Effect<Reply.Reply, RpcError> =>
  Effect.withFiber((fiber) => {
    // The fiber exists for this call alone, so the context need not be put back.
    fiber.setContext(Context.add(fiber.context, Call.Current, call))
    return Effect.matchEffect(
      Effect.suspend(() => handler(call.payload)),
      { onSuccess, onFailure }
    )
  })

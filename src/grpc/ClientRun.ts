/** A call as an Effect: one object, and nothing else is made for it. */
import * as Effect from "effect/Effect"
import type { Call } from "../Call.ts"
import type { Reply } from "../Reply.ts"
import { DeadlineExceeded, type RpcError } from "../RpcError.ts"
import type { ClientCall, Ground } from "./ClientCall.ts"
import { ClientSingleReply } from "./ClientSingleReply.ts"
import { ClientStreamReply } from "./ClientStreamReply.ts"

/** Sends the call, and ends it when it is interrupted. Its method must be one of gRPC. */
export const run = (call: Call, ground: Ground): Effect.Effect<Reply, RpcError> => {
  switch (call.method.kind) {
    case "unary":
    case "oneway":
      return Effect.callback((resume) => submit(new ClientSingleReply(call, ground, resume), ground))
    case "clientStream":
      return Effect.withFiber((fiber) =>
        Effect.callback((resume) => submit(new ClientSingleReply(call, ground, resume, fiber.context), ground))
      )
    case "serverStream":
    case "bidiStream":
      return Effect.withFiber((fiber) =>
        Effect.callback((resume) => submit(new ClientStreamReply(call, ground, resume, fiber), ground))
      )
  }
}

const submit = (call: ClientCall, { deadlines, sink }: Ground): Effect.Effect<void> | undefined => {
  const { deadline } = call.call
  if (deadline !== undefined) {
    if (deadline <= deadlines.now()) {
      call.failNow(new DeadlineExceeded({ deadline }))
      return undefined
    }
    call.bound(deadlines, deadline)
  }
  sink.submit(call)
  return call.isEnded ? undefined : call.interruption
}

/** Why a call failed, from what was seen of it: a fault of its stream, bytes that make no sense, a status of our own making. */
import * as Cause from "effect/Cause"
import * as Exit from "effect/Exit"
import { isCodecError } from "../Codec.ts"
import * as Reply from "../Reply.ts"
import { DeadlineExceeded, ProtocolError, type Reason, type RpcError, Unavailable } from "../RpcError.ts"
import { describe } from "../transport/Dial.ts"
import * as Http2Error from "../transport/http2/Http2Error.ts"
import { EnvelopeError } from "./Envelope.ts"
import * as Status from "./Status.ts"
import * as StatusCode from "./StatusCode.ts"

/**
 * A stream that ended before its time. `canRepeat` is whether the call may be made again when the peer has not looked at it:
 * not when a stream of requests was begun.
 */
export const ofReset = (
  { code, detail, source, unprocessed }: Http2Error.StreamFault,
  deadline: number | undefined,
  now: () => number,
  canRepeat: boolean
): Reason => {
  if (source === "local") return new ProtocolError({ detail })
  if (source === "connection" || unprocessed) return new Unavailable({ unsent: unprocessed && canRepeat, detail })
  // Timers of this side may be some milliseconds late.
  if (code === Http2Error.cancel && deadline !== undefined && deadline <= now())
    return new DeadlineExceeded({ deadline })
  return Status.toReason(Status.make(StatusCode.fromResetCode(code), detail), deadline)
}

/** Bytes that make no sense or are too many, or a value that cannot be sent. */
export const ofFault = (error: unknown, what: "reply" | "request", deadline: number | undefined): Reason => {
  if (error instanceof EnvelopeError) return ofOwn(error.status, deadline)
  const detail = isCodecError(error) ? error.message : describe(error)
  return new ProtocolError({ detail: `the ${what} cannot be ${what === "reply" ? "decoded" : "encoded"}: ${detail}` })
}

/** A status that this side gives a response. */
export const ofOwn = (status: Status.Status, deadline: number | undefined): Reason =>
  status.code === StatusCode.internal
    ? new ProtocolError({ detail: status.message })
    : Status.toReason(status, deadline)

/** The typed failures of a stream of requests are the caller's own: they come back as what the call failed with. */
export const toOutcome = (cause: Cause.Cause<unknown>): Exit.Exit<Reply.Reply, RpcError> => {
  const reason = cause.reasons.find(Cause.isFailReason)
  return reason === undefined ? Exit.failCause(cause as Cause.Cause<never>) : Exit.succeed(Reply.fail(reason.error))
}

/**
 * Every failure of the framework: one tag, a closed union of reasons, opened by `Effect.catchReason`. Exceptions that an
 * IDL declares are not here: they are typed errors of their method.
 */
import * as Data from "effect/Data"

/** The call did not finish before its deadline. */
export class DeadlineExceeded extends Data.TaggedError("DeadlineExceeded")<{
  /** The instant that passed, milliseconds since the epoch. */
  readonly deadline: number
  /** What the call still waited for, where that is known. Default: for its reply. */
  readonly detail?: string | undefined
}> {
  override get message(): string {
    const instant = new Date(this.deadline).toISOString()
    return this.detail === undefined
      ? `no reply before the deadline (${instant}); allow more time or find the slow part`
      : `still waiting at the deadline (${instant}) ${this.detail}`
  }
}

/** The peer could not be reached, or the connection was lost with the call in flight. */
export class Unavailable extends Data.TaggedError("Unavailable")<{
  /** true when provably no byte of the request reached the peer: always safe to retry. */
  readonly unsent: boolean
  readonly detail: string
  readonly cause?: unknown
  /** true when no connection to the instance could be had, so that a call that may wait does. */
  readonly noConnection?: boolean | undefined
}> {
  override get message(): string {
    return `${this.detail} (${this.unsent ? "the request was not sent" : "the request may have been processed"})`
  }
}

/** A bound was reached on this side: queue, concurrency, rate. */
export class Overloaded extends Data.TaggedError("Overloaded")<{
  /** Which limit, with its value. */
  readonly limit: string
}> {
  override get message(): string {
    return `over the limit: ${this.limit}; raise it or send less`
  }
}

/** A circuit breaker refuses calls for now. */
export class CircuitOpen extends Data.TaggedError("CircuitOpen")<{ readonly key: string }> {
  override get message(): string {
    return `the circuit for ${this.key} is open after repeated failures; it tries again by itself`
  }
}

/** Discovery knows no usable instance of the target. */
export class NoInstance extends Data.TaggedError("NoInstance")<{
  readonly target: string
  readonly detail?: string | undefined
}> {
  override get message(): string {
    return `no instance of "${this.target}"${this.detail === undefined ? "" : `: ${this.detail}`}; is it running and announced?`
  }
}

/** Bytes or values that break the protocol or the IDL: theirs when received, ours when a value cannot be encoded. */
export class ProtocolError extends Data.TaggedError("ProtocolError")<{ readonly detail: string }> {
  override get message(): string {
    return this.detail
  }
}

/** The peer answered with a TApplicationException. */
export class ApplicationError extends Data.TaggedError("ApplicationError")<{
  /** Apache Thrift's TApplicationException type, for example 1 = UNKNOWN_METHOD, 6 = INTERNAL_ERROR. */
  readonly code: number
  readonly detail: string
}> {
  override get message(): string {
    return `the peer answered with application exception ${this.code}: ${this.detail}`
  }
}

/** A message of any type that goes with a status: protobuf's `Any`. */
export interface StatusDetail {
  /** Ends in `/` and the full name of the message. */
  readonly typeUrl: string
  readonly value: Uint8Array
}

/** The names of gRPC's status codes, 0 to 16. */
export const statusNames: ReadonlyArray<string> = [
  "OK",
  "CANCELLED",
  "UNKNOWN",
  "INVALID_ARGUMENT",
  "DEADLINE_EXCEEDED",
  "NOT_FOUND",
  "ALREADY_EXISTS",
  "PERMISSION_DENIED",
  "RESOURCE_EXHAUSTED",
  "FAILED_PRECONDITION",
  "ABORTED",
  "OUT_OF_RANGE",
  "UNIMPLEMENTED",
  "INTERNAL",
  "UNAVAILABLE",
  "DATA_LOSS",
  "UNAUTHENTICATED"
]

/** A status of the gRPC vocabulary, from a peer or from middleware of one's own. */
export class StatusError extends Data.TaggedError("StatusError")<{
  readonly code: number
  readonly detail: string
  /** Default none. */
  readonly details?: ReadonlyArray<StatusDetail> | undefined
}> {
  override get message(): string {
    const status = statusNames[this.code] ?? `status ${this.code}`
    return this.detail === "" ? status : `${status}: ${this.detail}`
  }
}

/** A business failure (Kitex's BizStatusError): the call worked, the business says no. */
export class BizError extends Data.TaggedError("BizError")<{
  readonly code: number
  readonly detail: string
  readonly extra: ReadonlyMap<string, string>
}> {
  override get message(): string {
    return `business status ${this.code}: ${this.detail}`
  }
}

/** Why a call failed. Closed: middleware of one's own speaks through `StatusError` or `BizError`. */
export type Reason =
  | DeadlineExceeded
  | Unavailable
  | Overloaded
  | CircuitOpen
  | NoInstance
  | ProtocolError
  | ApplicationError
  | StatusError
  | BizError

/** A framework failure of one call: which method, at which peer, and why. */
export class RpcError extends Data.TaggedError("RpcError")<{
  /** The full method name, `Contract.method`. */
  readonly method: string
  /** The address of the instance, once one was chosen. */
  readonly peer?: string | undefined
  readonly reason: Reason
}> {
  override get message(): string {
    return `${this.method}${this.peer === undefined ? "" : ` at ${this.peer}`}: ${this.reason.message}`
  }
}

/** Whether a failure is the framework's, and not one that a method declares. */
export const isRpcError = (u: unknown): u is RpcError => u instanceof RpcError

/** Provably nothing of the request reached the peer, so that sending it again cannot repeat its effect. */
export const isUnsent = (error: RpcError): boolean => {
  switch (error.reason._tag) {
    case "Unavailable":
      return error.reason.unsent
    case "NoInstance":
    case "CircuitOpen":
    case "Overloaded":
      return true
    default:
      return false
  }
}

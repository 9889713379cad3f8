/**
 * How a call ended, as gRPC tells it: code, message and details. From an `RpcError` or a declared error on the server, and
 * back into one on the client.
 */
import { isCodecError } from "../Codec.ts"
import { BizError, DeadlineExceeded, type Reason, type StatusDetail, StatusError, Unavailable } from "../RpcError.ts"
import * as TaggedException from "../TaggedException.ts"
import { Reader } from "../wire/Reader.ts"
import { Writer } from "../wire/Writer.ts"
import type { DeclaredError } from "./GrpcCodec.ts"
import * as Protobuf from "./Protobuf.ts"
import * as StatusCode from "./StatusCode.ts"
import * as StatusDetails from "./StatusDetails.ts"

/** How a call ended. With code 0 it succeeded, and the message is empty. */
export interface Status {
  readonly code: StatusCode.StatusCode
  readonly message: string
  /** Messages of any types that go with it, as `Any`s. */
  readonly details: ReadonlyArray<StatusDetail>
  /** A business failure in Kitex's form: trailers `biz-status` and `biz-extra`. */
  readonly biz?: Biz | undefined
}

/** The code and the further fields of a business failure. */
export interface Biz {
  readonly code: number
  readonly extra: ReadonlyMap<string, string>
}

const noDetails: ReadonlyArray<StatusDetail> = []

/** A status without business failure; without details where none are given. */
export const make = (
  code: StatusCode.StatusCode,
  message: string,
  details: ReadonlyArray<StatusDetail> = noDetails
): Status => ({ code, message, details })

/** What a peer is told of a failure of the framework. */
export const fromReason = (reason: Reason): Status => {
  switch (reason._tag) {
    case "StatusError": {
      const isFailure = StatusCode.isStatusCode(reason.code) && reason.code !== StatusCode.ok
      return make(isFailure ? reason.code : StatusCode.unknown, reason.detail, reason.details)
    }
    case "BizError":
      return { ...make(StatusCode.internal, reason.detail), biz: { code: reason.code, extra: reason.extra } }
    case "DeadlineExceeded":
      return make(StatusCode.deadlineExceeded, reason.message)
    case "Unavailable":
      return make(StatusCode.unavailable, reason.message)
    case "CircuitOpen":
    case "NoInstance":
      return make(StatusCode.unavailable, reason.message)
    case "Overloaded":
      return make(StatusCode.resourceExhausted, reason.message)
    case "ProtocolError":
    case "ApplicationError":
      return make(StatusCode.internal, reason.message)
  }
}

/**
 * What a client makes of a status that a peer sent. `deadline` is that of the call. A peer's UNAVAILABLE says nothing of
 * whether it has processed the call, and its RESOURCE_EXHAUSTED is not a limit of this side.
 */
export const toReason = (status: Status, deadline: number | undefined): Reason => {
  const { biz, code, details, message } = status
  if (biz !== undefined) return new BizError({ code: biz.code, detail: message, extra: biz.extra })
  if (code === StatusCode.deadlineExceeded && deadline !== undefined) return new DeadlineExceeded({ deadline })
  if (code === StatusCode.unavailable && details.length === 0) {
    return new Unavailable({ unsent: false, detail: message === "" ? "the peer says UNAVAILABLE" : message })
  }
  return new StatusError({ code, detail: message, details })
}

/** The status of a declared error; undefined when the method declares none that fits. Throws a `CodecError` when it cannot be encoded. */
export const fromDeclared = (errors: ReadonlyArray<DeclaredError<any>>, error: unknown): Status | undefined => {
  const declared = errors.find(({ is }) => is(error))
  if (declared === undefined) return undefined
  const writer = new Writer(256)
  declared.codec.encode(writer, error)
  const message = error instanceof Error ? (TaggedException.own(error, "message") ?? "") : ""
  const own = StatusDetails.detail(declared.typeName, writer.toBytes())
  const others = StatusDetails.of(error)?.details.filter((each) => !isOf(each, declared)) ?? noDetails
  return make(declared.code, message, [own, ...others])
}

/** The declared error that a status carries, with all of it; undefined when there is none, or it cannot be decoded. */
export const toDeclared = (errors: ReadonlyArray<DeclaredError<any>>, status: Status): unknown => {
  for (const detail of status.details) {
    const declared = errors.find((candidate) => isOf(detail, candidate))
    if (declared === undefined) continue
    try {
      const { code, details, message } = status
      const error = declared.codec.decode(new Reader(detail.value, Protobuf.limits))
      return StatusDetails.carry(error, { code, message, details })
    } catch (error) {
      if (!isCodecError(error)) throw error
    }
  }
  return undefined
}

const isOf = ({ typeUrl }: StatusDetail, { typeName }: DeclaredError<any>): boolean =>
  StatusDetails.typeNameOf(typeUrl) === typeName

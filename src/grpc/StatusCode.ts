/** The status codes of gRPC, and what HTTP statuses and HTTP/2 errors mean in their terms (grpc/doc/statuscodes.md). */
import { statusNames } from "../RpcError.ts"

/** The call succeeded. */
export const ok = 0
/** The caller gave the call up. */
export const cancelled = 1
/** An error that says nothing of its kind, for example one of another system. */
export const unknown = 2
/** The request is wrong whatever the state of the server is. */
export const invalidArgument = 3
/** The deadline passed before the call was over; it may have succeeded all the same. */
export const deadlineExceeded = 4
/** What was asked for does not exist. */
export const notFound = 5
/** What was to be made exists. */
export const alreadyExists = 6
/** The caller is known and may not do this. */
export const permissionDenied = 7
/** A quota, a limit or the room for something is used up. */
export const resourceExhausted = 8
/** The system is not in the state that the call needs; to repeat it helps only once that has been changed. */
export const failedPrecondition = 9
/** A conflict with another call, for example of transactions: to be repeated from further up. */
export const aborted = 10
/** The request goes past the end of something; it may be right later. */
export const outOfRange = 11
/** The server has no such method, or not this way of using it. */
export const unimplemented = 12
/** Something that must hold does not: a broken peer or program. */
export const internal = 13
/** The service cannot be reached for now; the one code that says that repeating may help. */
export const unavailable = 14
/** Data is lost or damaged for good. */
export const dataLoss = 15
/** The caller has not shown who it is. */
export const unauthenticated = 16

/** 0 to 16. */
export type StatusCode = number

/** The name of a code, for messages. */
export const nameOf = (code: StatusCode): string => statusNames[code] ?? `status ${code}`

/** The code of a name, as service configs write it; undefined when there is none. */
export const fromName = (name: string): StatusCode | undefined => {
  const code = statusNames.indexOf(name)
  return code === -1 ? undefined : code
}

/** Whether `code` is one of the seventeen. */
export const isStatusCode = (code: number): code is StatusCode => statusNames[code] !== undefined

/** The value of `grpc-status`. Codes that nobody defined are `UNKNOWN`; undefined when it is no number. */
export const parse = (text: string): StatusCode | undefined => {
  if (!/^\d{1,9}$/.test(text)) return undefined
  const code = Number(text)
  return isStatusCode(code) ? code : unknown
}

/** For a response without `grpc-status`: what its HTTP status stands for (grpc/doc/http-grpc-status-mapping.md). */
export const fromHttpStatus = (status: number): StatusCode => {
  switch (status) {
    case 400:
      return internal
    case 401:
      return unauthenticated
    case 403:
      return permissionDenied
    case 404:
      return unimplemented
    case 429:
    case 502:
    case 503:
    case 504:
      return unavailable
    default:
      return unknown
  }
}

/** For a stream that was reset: what the HTTP/2 error code stands for (grpc/doc/PROTOCOL-HTTP2.md, "Errors"). */
export const fromResetCode = (code: number): StatusCode => {
  switch (code) {
    case 0x7: // REFUSED_STREAM
      return unavailable
    case 0x8: // CANCEL
      return cancelled
    case 0xb: // ENHANCE_YOUR_CALM
      return resourceExhausted
    case 0xc: // INADEQUATE_SECURITY
      return permissionDenied
    case 0x5: // STREAM_CLOSED
    case 0xd: // HTTP_1_1_REQUIRED
      return unknown
    default:
      return internal
  }
}

/** A failure that a gRPC peer told, with what came beside its status. */
import * as Metadata from "../Metadata.ts"
import { type Reason, RpcError } from "../RpcError.ts"

/** An `RpcError` like any other, for those who want to know more. */
export class ClientFailure extends RpcError {
  /** Metadata from the head of the response. */
  readonly metadata: Metadata.Metadata
  /** Metadata from the trailers. */
  readonly trailers: Metadata.Metadata
  /** Milliseconds to wait before another attempt, as the peer wishes; -1 when it wants none. */
  readonly pushback: number | undefined
  /** The response had begun: gRFC A6 makes no further attempt then. */
  readonly isCommitted: boolean

  constructor(
    method: string,
    peer: string,
    reason: Reason,
    trailers: Metadata.Metadata = Metadata.empty,
    pushback?: number | undefined,
    metadata?: Metadata.Metadata | undefined
  ) {
    super({ method, peer, reason })
    this.metadata = metadata ?? Metadata.empty
    this.isCommitted = metadata !== undefined
    this.trailers = trailers
    this.pushback = pushback
  }
}

/** The metadata that a peer sent before the failure; empty where none was, or no peer had a part in it. */
export const metadata = (error: RpcError): Metadata.Metadata =>
  error instanceof ClientFailure ? error.metadata : Metadata.empty

/** The metadata that a peer sent with the failure; empty where none was, or no peer had a part in it. */
export const trailers = (error: RpcError): Metadata.Metadata =>
  error instanceof ClientFailure ? error.trailers : Metadata.empty

/** What the peer said of another attempt: milliseconds to wait, -1 for never; undefined where it said nothing. */
export const pushback = (error: RpcError): number | undefined =>
  error instanceof ClientFailure ? error.pushback : undefined

/** Whether the peer's response had begun. */
export const isCommitted = (error: RpcError): boolean => error instanceof ClientFailure && error.isCommitted

/** The value of `grpc-retry-pushback-ms` (gRFC A6): what is no number of 0 or more means never. */
export const parsePushback = (text: string | undefined): number | undefined => {
  if (text === undefined) return undefined
  return /^\d{1,9}$/.test(text) ? Number(text) : -1
}

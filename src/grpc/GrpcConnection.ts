/** One connection of a gRPC server: requests become calls, and it ends by age, by idling, or with the server. */
import type { Identity } from "../Call.ts"
import type { Caller } from "../transport/Caller.ts"
import type { Timer } from "../transport/Deadlines.ts"
import * as Http2Error from "../transport/http2/Http2Error.ts"
import type { StreamHandler } from "../transport/http2/Http2Stream.ts"
import { silent } from "../transport/http2/ServerStream.ts"
import type { HttpStream } from "../transport/HttpStream.ts"
import { GrpcRequest } from "./GrpcRequest.ts"
import * as ReplyHeaders from "./ReplyHeaders.ts"
import * as RequestHead from "./RequestHead.ts"
import type { ServerConnections } from "./ServerConnections.ts"
import type { Shared } from "./ServerShared.ts"

/** How long a connection lasts, in milliseconds; Infinity is for ever. */
export interface Lifetime {
  /** Then it takes no further calls. */
  readonly age: number
  /** What calls that run then are given to end. */
  readonly grace: number
}

/** The connection as HTTP has it. */
export interface Session {
  /** Takes no further requests, and ends when those that run have ended. */
  readonly drain: (detail?: string) => void
  /** Ends at once. */
  readonly fail: (code: Http2Error.ErrorCode, detail: string) => void
}

/** What HTTP tells of the connection. */
export interface SessionListener {
  readonly onStream: (stream: HttpStream) => StreamHandler
  readonly onClose: () => void
}

/** Streams that are refused do not wait for room. */
const ignore = (): void => {}

/** Listens to one session of HTTP, for whose requests it makes calls. */
export class GrpcConnection implements SessionListener {
  private readonly shared: Shared
  private readonly caller: Caller
  private readonly session: Session
  private readonly connections: ServerConnections
  private timer: Timer | undefined

  constructor(
    shared: Shared,
    peer: { readonly address: string; readonly identity: Identity | undefined },
    lifetime: Lifetime,
    open: (listener: SessionListener) => Session,
    connections: ServerConnections
  ) {
    this.shared = shared
    this.connections = connections
    this.caller = shared.dispatcher.caller(peer.address, ignore, peer.identity)
    this.session = open(this)
    if (lifetime.age !== Infinity) this.age(lifetime)
  }

  onStream(stream: HttpStream): StreamHandler {
    const { shared } = this
    const head = shared.heads.read(stream.headers)
    if (RequestHead.isOther(head)) {
      if (head._tag === "Web") return head.accept(shared, this.caller, stream)
      refuse(stream, head)
      return silent
    }
    // Nothing of the call has been looked at, so the client may send it again, here or elsewhere.
    if (shared.dispatcher.isFull) {
      stream.reset(Http2Error.refusedStream)
      return silent
    }
    const request = new GrpcRequest(shared, this.caller, stream, head)
    if (!head.served.takesStream) return request
    stream.handler = request
    request.startStream()
    return request
  }

  onClose(): void {
    this.timer?.cancel()
    this.connections.remove(this)
  }

  /** Takes no further calls, and closes when those that run have ended. */
  drain(): void {
    this.session.drain()
  }

  /** Ends at once. */
  close(): void {
    this.session.fail(Http2Error.noError, "the server has shut down")
  }

  private age({ age, grace }: Lifetime): void {
    const { deadlines } = this.shared
    this.timer = deadlines.schedule(deadlines.now() + age, () => {
      this.session.drain("max_age")
      this.timer = deadlines.schedule(deadlines.now() + grace, () =>
        this.session.fail(Http2Error.noError, "the grace of a connection that is too old is over")
      )
    })
  }
}

/** Answers a request that is not served. */
export const refuse = (stream: HttpStream, refusal: RequestHead.Refusal): void => {
  if (refusal._tag === "Http") return stream.respond(refusal.headers, undefined, true)
  const list: Array<string> = []
  ReplyHeaders.fields(refusal.status, list)
  stream.respond(refusal.replies.onlyOf(refusal.status.code), list, true)
}

/** What travels down the stack, on the client and on the server. Immutable: middleware derive a new one. */
import * as Context from "effect/Context"
import * as Metadata from "./Metadata.ts"
import * as Metainfo from "./Metainfo.ts"
import type * as Method from "./Method.ts"

export interface Call {
  readonly method: Method.Any
  readonly payload: unknown
  readonly metadata: Metadata.Metadata
  readonly metainfo: Metainfo.Metainfo
  /** Milliseconds since the epoch after which nobody waits for the reply; undefined is never. */
  readonly deadline: number | undefined
  /** 0 for the first attempt. */
  readonly attempt: number
  /** What a hashing balancer hashes. */
  readonly hashKey: string | undefined
  /** Labels for routing and balancing; they stay on this side. */
  readonly tags: ReadonlyMap<string, string>
  /** Client: this address and no other. Server: undefined. */
  readonly instance: string | undefined
  /** Server: the address of the caller. Client: undefined. */
  readonly peer: string | undefined
  /** Server: the running call that this one belongs to. Client: undefined. */
  readonly inFlight: InFlight | undefined
}

/** The server's hold on a call while its handler runs. */
export interface InFlight {
  /** The call as it arrived, before middleware derived others from it. */
  readonly call: Call
  /** Ends the handler at this instant, milliseconds since the epoch, unless an earlier one is set. */
  readonly bound: (deadline: number) => void
}

/** The call that the running handler serves; undefined outside of handlers. Client calls made there inherit from it. */
export const Current: Context.Reference<Call | undefined> = Context.Reference<Call | undefined>("volant/Call/Current", {
  defaultValue: () => undefined
})

export const noTags: ReadonlyMap<string, string> = new Map()

/** A call with nothing beside method and payload. */
export const make = (method: Method.Any, payload: unknown): Call => ({
  method,
  payload,
  metadata: Metadata.empty,
  metainfo: Metainfo.empty,
  deadline: undefined,
  attempt: 0,
  hashKey: undefined,
  tags: noTags,
  instance: undefined,
  peer: undefined,
  inFlight: undefined
})

/** The same call, to be over by `deadline` (milliseconds since the epoch) at the latest: deadlines are only ever lowered. */
export const withDeadline = (self: Call, deadline: number): Call =>
  self.deadline !== undefined && self.deadline <= deadline ? self : copy(self, deadline, self.attempt, self.metadata)

export const withAttempt = (self: Call, attempt: number): Call => copy(self, self.deadline, attempt, self.metadata)

export const withMetadata = (self: Call, metadata: Metadata.Metadata): Call =>
  copy(self, self.deadline, self.attempt, metadata)

// Written out, not spread: a literal with constant keys keeps one hidden class and is several times cheaper.
const copy = (self: Call, deadline: number | undefined, attempt: number, metadata: Metadata.Metadata): Call => ({
  method: self.method,
  payload: self.payload,
  metadata,
  metainfo: self.metainfo,
  deadline,
  attempt,
  hashKey: self.hashKey,
  tags: self.tags,
  instance: self.instance,
  peer: self.peer,
  inFlight: self.inFlight
})

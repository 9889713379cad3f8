/** What travels down the stack, on the client and on the server. Immutable: middleware derive a new one. */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import * as Metadata from "./Metadata.ts"
import * as Metainfo from "./Metainfo.ts"
import type * as Method from "./Method.ts"
import type { Outgoing } from "./ReplyMetadata.ts"

/** One call on its way to a handler. On the server as it arrived; on the client as the contract's client made it. */
export interface Call {
  readonly method: Method.Any
  readonly payload: unknown
  readonly metadata: Metadata.Metadata
  readonly metainfo: Metainfo.Metainfo
  /** Milliseconds since the epoch after which nobody waits for the reply; undefined is never. */
  readonly deadline: number | undefined
  /** 0 for the first attempt. Server: what the caller says, where the protocol carries it (gRPC does). */
  readonly attempt: number
  /** Client: keys of the instances where earlier attempts failed; a balancer prefers others. */
  readonly tried: ReadonlyArray<string>
  /** What a hashing balancer hashes. */
  readonly hashKey: string | undefined
  /** Labels for routing and balancing; they stay on this side. */
  readonly tags: ReadonlyMap<string, string>
  /** Client: this address and no other. Server: undefined. */
  readonly instance: string | undefined
  /** Server: the address of the caller. Client: undefined. */
  readonly peer: string | undefined
  /** Server: who the caller has proved to be, by a certificate that was verified. Client and without TLS: undefined. */
  readonly identity: Identity | undefined
  /** Server: the running call that this one belongs to. Client: undefined. */
  readonly inFlight: InFlight | undefined
}

/** The server's hold on a call while its handler runs. */
export interface InFlight {
  /** The call as it arrived, before middleware derived others from it. */
  readonly call: Call
  /** Ends the handler at this instant, milliseconds since the epoch, unless an earlier one is set. */
  readonly bound: (deadline: number) => void
  /** What goes out beside the reply; handlers add to it through `ReplyMetadata`. */
  readonly outgoing: () => Outgoing
  /** Succeeds once the server drains: a handler whose answer has no end of its own ends it then. */
  readonly draining: Effect.Effect<void>
}

/** Of a peer whose certificate this side has verified (mutual TLS). */
export interface Identity {
  /** The common name of the certificate's subject; empty when it has none. */
  readonly commonName: string
  /** Its subject alternative names, as `DNS:name`, `IP Address:1.2.3.4` or `URI:spiffe://...`. */
  readonly names: ReadonlyArray<string>
  /** SHA-256 of the certificate, in hexadecimal with colons. */
  readonly fingerprint: string
}

/** The call that the running handler serves; undefined outside of handlers. Client calls made there inherit from it. */
export const Current: Context.Reference<Call | undefined> = Context.Reference<Call | undefined>("volant/Call/Current", {
  defaultValue: () => undefined
})

/** No tags; one map that all calls without tags share. */
export const noTags: ReadonlyMap<string, string> = new Map()

/** No instance was tried before; one list that all first attempts share. */
export const noTried: ReadonlyArray<string> = []

/** A call with nothing beside method and payload. */
export const make = (method: Method.Any, payload: unknown): Call => ({
  method,
  payload,
  metadata: Metadata.empty,
  metainfo: Metainfo.empty,
  deadline: undefined,
  attempt: 0,
  tried: noTried,
  hashKey: undefined,
  tags: noTags,
  instance: undefined,
  peer: undefined,
  identity: undefined,
  inFlight: undefined
})

/** The same call, to be over by `deadline` (milliseconds since the epoch) at the latest: deadlines are only ever lowered. */
export const withDeadline = (self: Call, deadline: number): Call =>
  self.deadline !== undefined && self.deadline <= deadline
    ? self
    : copy(self, deadline, self.attempt, self.tried, self.metadata)

/** The attempt that follows one which failed at `peer`, the key of an instance; undefined when none was chosen. */
export const nextAttempt = (self: Call, peer: string | undefined): Call =>
  copy(
    self,
    self.deadline,
    self.attempt + 1,
    peer === undefined || self.tried.includes(peer) ? self.tried : [...self.tried, peer],
    self.metadata
  )

/** The same call with this metadata in place of its own. */
export const withMetadata = (self: Call, metadata: Metadata.Metadata): Call =>
  copy(self, self.deadline, self.attempt, self.tried, metadata)

// Written out, not spread: a literal with constant keys keeps one hidden class and is several times cheaper.
const copy = (
  self: Call,
  deadline: number | undefined,
  attempt: number,
  tried: ReadonlyArray<string>,
  metadata: Metadata.Metadata
): Call => ({
  method: self.method,
  payload: self.payload,
  metadata,
  metainfo: self.metainfo,
  deadline,
  attempt,
  tried,
  hashKey: self.hashKey,
  tags: self.tags,
  instance: self.instance,
  peer: self.peer,
  identity: self.identity,
  inFlight: self.inFlight
})

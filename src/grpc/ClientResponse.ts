/** What the header blocks of a response say: whether messages may follow, how they are encoded, and how the call ended. */
import * as Metadata from "../Metadata.ts"
import type * as Metainfo from "../Metainfo.ts"
import type { Headers } from "../transport/http2/Headers.ts"
import * as ClientFailure from "./ClientFailure.ts"
import * as Compression from "./Compression.ts"
import * as ContentType from "./ContentType.ts"
import { decodeBinary } from "./BinaryHeader.ts"
import * as MetadataHeaders from "./MetadataHeaders.ts"
import * as PercentEncoding from "./PercentEncoding.ts"
import * as Status from "./Status.ts"
import * as StatusCode from "./StatusCode.ts"
import * as StatusDetails from "./StatusDetails.ts"

/** Of the first block of a response. */
export class Head {
  readonly metadata: Metadata.Metadata
  readonly backward: Metainfo.Entries
  readonly encoding: Compression.Encoding | "identity"
  /** Why no message may follow: this is no gRPC, or not one that we understand. */
  readonly fault: Status.Status | undefined

  constructor(headers: Headers, accept: ReadonlyArray<Compression.Encoding>, framing: ContentType.Framing) {
    const { backward, metadata } = MetadataHeaders.decode(headers.list)
    this.metadata = metadata
    this.backward = backward
    const encoding = Compression.parse(headers.get("grpc-encoding"), accept)
    this.encoding = encoding ?? "identity"
    this.fault = faultOf(headers, framing) ?? (encoding === undefined ? unknownEncoding(headers) : undefined)
  }
}

/** Of the last block, be it the only one. */
export class Tail {
  readonly metadata: Metadata.Metadata
  readonly backward: Metainfo.Entries
  /** undefined where there is none, or it is no number. */
  readonly status: Status.Status | undefined
  /** As `ClientFailure` has it. */
  readonly pushback: number | undefined

  constructor(headers: Headers) {
    const { backward, metadata } = MetadataHeaders.decode(headers.list)
    this.metadata = metadata
    this.backward = backward
    this.status = readStatus(headers, metadata)
    this.pushback = ClientFailure.parsePushback(headers.get("grpc-retry-pushback-ms"))
  }

  get isOk(): boolean {
    return this.status?.code === StatusCode.ok
  }
}

/** Peers repeat themselves, and equal blocks are one object: what was made of one is kept with it. */
export const head = (
  headers: Headers,
  accept: ReadonlyArray<Compression.Encoding>,
  framing: ContentType.Framing
): Head => {
  if (headers.note instanceof Head) return headers.note
  const made = new Head(headers, accept, framing)
  headers.note = made
  return made
}

/** What trailers say, read once for equal blocks as `head` is. */
export const tail = (headers: Headers): Tail => {
  if (headers.note instanceof Tail) return headers.note
  const made = new Tail(headers)
  headers.note = made
  return made
}

/** The status of a response that ended without one. */
export const missingStatus = Status.make(
  StatusCode.unknown,
  "the response ended without grpc-status; is the peer, or a proxy before it, a gRPC server?"
)

/** Metainfo from both ends of a response. */
export const joinBackward = (head: Metainfo.Entries, tail: Metainfo.Entries): Metainfo.Entries =>
  head.size === 0 ? tail : tail.size === 0 ? head : new Map([...head, ...tail])

const faultOf = (headers: Headers, framing: ContentType.Framing): Status.Status | undefined => {
  if (headers.status !== "200") {
    const code = StatusCode.fromHttpStatus(Number(headers.status))
    return Status.make(code, `the peer answered with HTTP status ${headers.status}`)
  }
  const text = headers.get("content-type")
  const type = text === undefined ? undefined : ContentType.parse(text)
  if (type?.framing === framing && type.format === "proto") return undefined
  const code = type?.framing === framing ? StatusCode.internal : StatusCode.unknown
  return Status.make(
    code,
    `the response has the content-type ${text ?? "of nothing"}, where ${ContentType.of[framing]} was expected`
  )
}

const unknownEncoding = (headers: Headers): Status.Status =>
  Status.make(
    StatusCode.internal,
    `the response is in the encoding ${headers.get("grpc-encoding")}, which was not offered`
  )

const readStatus = (headers: Headers, metadata: Metadata.Metadata): Status.Status | undefined => {
  const text = headers.get("grpc-status")
  const code = text === undefined ? undefined : StatusCode.parse(text)
  if (code === undefined) return undefined
  if (code === StatusCode.ok) return okStatus
  const details = readDetails(headers)
  const message = PercentEncoding.decode(headers.get("grpc-message") ?? "") || (details?.message ?? "")
  const status = Status.make(code, message, details?.details)
  const biz = readBiz(metadata)
  return biz === undefined ? status : { ...status, biz }
}

const okStatus = Status.make(StatusCode.ok, "")

const readDetails = (headers: Headers): StatusDetails.StatusDetails | undefined => {
  const text = headers.get("grpc-status-details-bin")
  const bytes = text === undefined ? undefined : decodeBinary(text)
  return bytes === undefined ? undefined : StatusDetails.decode(bytes)
}

/** A business failure in Kitex's form. */
const readBiz = (metadata: Metadata.Metadata): Status.Biz | undefined => {
  const code = Metadata.get(metadata, "biz-status")
  if (typeof code !== "string" || !/^-?\d{1,10}$/.test(code) || Number(code) === 0) return undefined
  return { code: Number(code), extra: readExtra(Metadata.get(metadata, "biz-extra")) }
}

const readExtra = (text: Metadata.Value | undefined): ReadonlyMap<string, string> => {
  const extra = new Map<string, string>()
  if (typeof text !== "string") return extra
  try {
    const parsed: unknown = JSON.parse(text)
    if (typeof parsed !== "object" || parsed === null) return extra
    for (const [key, value] of Object.entries(parsed)) extra.set(key, String(value))
  } catch {
    // Not in the form that Kitex sends; the failure stands without it.
  }
  return extra
}

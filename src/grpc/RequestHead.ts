/** What the headers of a request say: which method, until when, how encoded, and what travels beside it. */
import type * as Context from "effect/Context"
import type * as Metadata from "../Metadata.ts"
import type * as Metainfo from "../Metainfo.ts"
import type * as Method from "../Method.ts"
import type { Caller } from "../transport/Caller.ts"
import type { Headers } from "../transport/http2/Headers.ts"
import * as HpackEncoder from "../transport/http2/HpackEncoder.ts"
import type { StreamHandler } from "../transport/http2/Http2Stream.ts"
import type { HttpStream } from "../transport/HttpStream.ts"
import * as Compression from "./Compression.ts"
import * as ContentType from "./ContentType.ts"
import type { GrpcMethodCodec } from "./GrpcCodec.ts"
import * as MetadataHeaders from "./MetadataHeaders.ts"
import { ReplyHeaders } from "./ReplyHeaders.ts"
import type { Shared } from "./ServerShared.ts"
import * as Status from "./Status.ts"
import * as StatusCode from "./StatusCode.ts"
import * as TimeoutHeader from "./TimeoutHeader.ts"

/** A method as its requests find it. */
export interface Served {
  readonly method: Method.Any
  readonly codec: GrpcMethodCodec<unknown, unknown, unknown>
  /** What its handler's fibers start with. */
  readonly context: Context.Context<never>
  /** The request is a stream. */
  readonly takesStream: boolean
  /** The answer is a stream. */
  readonly givesStream: boolean
}

/** Immutable, so that requests whose headers are equal share one. */
export interface RequestHead {
  readonly served: Served
  /** Milliseconds that the caller gives; undefined is for ever. */
  readonly timeout: number | undefined
  /** What the caller says of earlier attempts of the call (gRFC A6); 0 where it says nothing. */
  readonly attempt: number
  readonly encoding: Compression.Encoding | "identity"
  readonly metadata: Metadata.Metadata
  readonly metainfo: Metainfo.Metainfo
  readonly replies: ReplyHeaders
}

/** Why a request is not served: an answer without gRPC, or a status. */
export type Refusal =
  | { readonly _tag: "Http"; readonly headers: HpackEncoder.Prepared }
  | { readonly _tag: "Status"; readonly status: Status.Status; readonly replies: ReplyHeaders }

/** A request that is gRPC-Web's. It knows how it is taken, so that gRPC-Web is loaded only where it is switched on. */
export interface WebHead {
  readonly _tag: "Web"
  readonly accept: (shared: Shared, caller: Caller, stream: HttpStream) => StreamHandler
}

/** Whether a request is refused, or is gRPC-Web's, so that it has no head of gRPC's. */
export const isOther = (head: RequestHead | Refusal | WebHead): head is Refusal | WebHead => "_tag" in head

const wrongMethod: Refusal = { _tag: "Http", headers: HpackEncoder.prepare([":status", "405", "allow", "POST"]) }

const wrongType: Refusal = {
  _tag: "Http",
  headers: HpackEncoder.prepare([":status", "415", "accept-post", "application/grpc, application/grpc+proto"])
}

/** The encodings that the server sends and takes. */
export interface Options {
  readonly send: ReadonlyArray<Compression.Encoding>
  readonly accept: ReadonlyArray<Compression.Encoding>
}

/** Makes something of headers that are not plain gRPC's: gRPC-Web does, where the server takes it. */
export type ReadWeb = (headers: Headers, heads: RequestHeads) => WebHead

/** Reads heads for one server. */
export class RequestHeads {
  private readonly options: Options
  private readonly lookUp: (path: string) => Served | Status.Status
  private readonly acceptHeader: string
  private readonly served = new Map<string, Served>()
  private readonly replies = new Map<string, ReplyHeaders>()
  private readonly readWeb: ReadWeb | undefined

  /** `readWeb` is given what is not plain gRPC. */
  constructor(options: Options, find: (path: string) => Served | Status.Status, readWeb?: ReadWeb) {
    this.options = options
    this.lookUp = find
    this.readWeb = readWeb
    this.acceptHeader = Compression.acceptHeader(options.accept)
  }

  /** Peers repeat themselves, and equal headers are one object: what was made of them is kept with them. */
  read(headers: Headers): RequestHead | Refusal | WebHead {
    const known = headers.note as RequestHead | Refusal | WebHead | undefined
    if (known !== undefined) return known
    const head = this.make(headers)
    headers.note = head
    return head
  }

  /** The method of a path, or why there is none. */
  find(path: string): Served | Status.Status {
    const known = this.served.get(path)
    if (known !== undefined) return known
    const found = this.lookUp(path)
    if ("method" in found) this.served.set(path, found)
    return found
  }

  private make(headers: Headers): RequestHead | Refusal | WebHead {
    const contentType = headers.get("content-type") ?? ""
    const type = headers.method === "POST" ? ContentType.parse(contentType) : undefined
    if (type?.framing === "grpc" && type.format === "proto") {
      return this.headOf(headers, contentType === ContentType.grpc ? ContentType.grpc : "application/grpc")
    }
    if (this.readWeb !== undefined) return this.readWeb(headers, this)
    return headers.method === "POST" ? wrongType : wrongMethod
  }

  /** Of a request whose messages are protobuf, to be answered with messages of `contentType`. */
  headOf(headers: Headers, contentType: string): RequestHead | Refusal {
    const replies = this.repliesOf(contentType, headers)
    const refuse = (status: Status.Status): Refusal => ({ _tag: "Status", status, replies })
    const served = this.find(headers.path!)
    if (!("method" in served)) return refuse(served)
    const encoding = Compression.parse(headers.get("grpc-encoding"), this.options.accept)
    if (encoding === undefined) return refuse(unknownEncoding(headers, this.acceptHeader))
    const text = headers.get("grpc-timeout")
    const timeout = text === undefined ? undefined : TimeoutHeader.decode(text)
    if (text !== undefined && timeout === undefined) return refuse(badTimeout(text))
    const { metadata, metainfo } = MetadataHeaders.decode(headers.list)
    const attempt = parseAttempts(headers.get("grpc-previous-rpc-attempts"))
    return { served, timeout, attempt, encoding, metadata, metainfo, replies }
  }

  private repliesOf(contentType: string, headers: Headers): ReplyHeaders {
    const encoding = Compression.choose(this.options.send, headers.get("grpc-accept-encoding"))
    const key = `${contentType} ${encoding ?? ""}`
    let replies = this.replies.get(key)
    if (replies === undefined)
      this.replies.set(key, (replies = new ReplyHeaders(contentType, this.acceptHeader, encoding)))
    return replies
  }
}

const parseAttempts = (text: string | undefined): number =>
  text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : 0

const unknownEncoding = (headers: Headers, accepted: string): Status.Status =>
  Status.make(
    StatusCode.unimplemented,
    `messages in ${headers.get("grpc-encoding")?.slice(0, 100)} are not taken here; use one of ${accepted}`
  )

const badTimeout = (text: string): Status.Status =>
  Status.make(StatusCode.internal, `grpc-timeout is no timeout: ${text.slice(0, 40)}`)

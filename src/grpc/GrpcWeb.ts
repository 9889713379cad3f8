/**
 * gRPC-Web on the port of a gRPC server (grpc/doc/PROTOCOL-WEB.md): for browsers, which can neither send nor see the trailers
 * of HTTP. In both forms, binary (`application/grpc-web`) and base64 (`application/grpc-web-text`), over HTTP/2 and HTTP/1.1.
 * A server loads this module, and node:http with it, only where its option `web` is given.
 */
import type { Caller } from "../transport/Caller.ts"
import * as Http1Limits from "../transport/http1/Limits.ts"
import * as Http1Server from "../transport/http1/Http1Server.ts"
import type { Headers, HeaderList } from "../transport/http2/Headers.ts"
import * as HpackEncoder from "../transport/http2/HpackEncoder.ts"
import type { StreamHandler } from "../transport/http2/Http2Stream.ts"
import { silent } from "../transport/http2/ServerStream.ts"
import type { HttpStream } from "../transport/HttpStream.ts"
import * as ContentType from "./ContentType.ts"
import * as Cors from "./Cors.ts"
import * as GrpcConnection from "./GrpcConnection.ts"
import { GrpcRequest } from "./GrpcRequest.ts"
import * as RequestHead from "./RequestHead.ts"
import type { Shared } from "./ServerShared.ts"
import type { OpenSession } from "./ServerSockets.ts"
import * as Status from "./Status.ts"
import * as StatusCode from "./StatusCode.ts"
import { type Form, WebStream } from "./WebStream.ts"
import { WebRequest } from "./WebRequest.ts"

/** What a server with gRPC-Web allows to pages of which origins, and bounds of HTTP/1.1. */
export interface Options extends Cors.Options {
  /** Bounds of HTTP/1.1. Those of HTTP/2 are the server's own. */
  readonly http1?: Http1Limits.Options | undefined
}

/** What is wrong with the options; undefined when nothing is. */
export const check = (options: Options): string | undefined => Cors.check(options)

/** What gRPC-Web adds to a server. */
export interface GrpcWeb {
  /** Reads the heads of requests that are not plain gRPC. */
  readonly read: RequestHead.ReadWeb
  /** Speaks HTTP/1.1 with sockets. */
  readonly open: (shared: Shared) => OpenSession
}

/** `idleTimeout`, in milliseconds, is the server's for all versions of HTTP, where it is given. */
export const make = (options: Options, idleTimeout: number | undefined): GrpcWeb => {
  const cors = new Cors.Cors(options)
  const limits = Http1Limits.make({ idleTimeout, ...options.http1 })
  return {
    read: (headers, heads) => ({ _tag: "Web", accept: acceptor(cors, headers, heads) }),
    open: ({ deadlines, logError }) => {
      const accept = Http1Server.make({ deadlines, limits, logError })
      return (socket, listener) =>
        accept(socket, {
          onStream: (stream) => refusePlain(stream, cors) ?? listener.onStream(stream),
          onClose: () => listener.onClose()
        })
    }
  }
}

type Accept = RequestHead.WebHead["accept"]

const acceptor = (cors: Cors.Cors, headers: Headers, heads: RequestHead.RequestHeads): Accept => {
  const preflight = cors.preflight(headers)
  if (preflight !== undefined) return answering(Cors.isAllowed(preflight) ? noContent : forbidden, preflight)
  const fields = cors.fieldsFor(headers)
  const fault = faultOf(headers, heads)
  if (fault !== undefined) return answering(fault, fields)
  const type = ContentType.parse(headers.get("content-type") ?? "")!
  const isText = wantsText(headers, type)
  const head = heads.headOf(headers, isText ? ContentType.webText : ContentType.web)
  const form: Form = { isText, fieldsWith: (prepared, list) => cors.expose(fields, prepared, list) }
  return (shared, caller, http) => {
    const stream = new WebStream(http, form)
    if (!RequestHead.isOther(head)) return serve(shared, caller, stream, head, type.framing === "webText")
    GrpcConnection.refuse(stream, head)
    return silent
  }
}

const serve = (
  shared: Shared,
  caller: Caller,
  stream: WebStream,
  head: RequestHead.RequestHead,
  isText: boolean
): StreamHandler => {
  if (shared.dispatcher.isFull) {
    GrpcConnection.refuse(stream, { _tag: "Status", status: full, replies: head.replies })
    return silent
  }
  const call = new GrpcRequest(shared, caller, stream, head)
  const request = new WebRequest(call, stream, isText)
  stream.handler = request
  const { deadlines } = shared
  const { served, timeout } = head
  if (served.takesStream) call.startStream()
  else if (timeout !== undefined) request.bound((expire) => deadlines.schedule(deadlines.now() + timeout, expire))
  return request
}

const full = Status.make(StatusCode.unavailable, "the server runs as many calls as it may; try again later")

/** A client may send one form and ask for the other by `accept`. */
const wantsText = (headers: Headers, { framing }: ContentType.ContentType): boolean => {
  const accepted = new Set<string | undefined>()
  for (const part of (headers.get("accept") ?? "").split(",")) accepted.add(ContentType.parse(part.trim())?.framing)
  if (accepted.has(framing)) return framing === "webText"
  return accepted.has("webText") || (framing === "webText" && !accepted.has("web"))
}

/** An answer of HTTP alone. */
interface Answer {
  readonly prepared: HpackEncoder.Prepared
  readonly text: Buffer
}

const answer = (status: number, text: string, list: HeaderList = []): Answer => {
  const bytes = Buffer.from(text)
  const type = ["content-type", "text/plain; charset=utf-8", "content-length", `${bytes.length}`]
  return {
    prepared: HpackEncoder.prepare([":status", `${status}`, ...list, ...(bytes.length === 0 ? [] : type)]),
    text: bytes
  }
}

const answering =
  ({ prepared, text }: Answer, fields: HeaderList): Accept =>
  (_shared, _caller, stream) => {
    const isLast = text.length === 0 || stream.headers.method === "HEAD"
    stream.respond(prepared, fields, isLast)
    if (!isLast) stream.write(text, true)
    return silent
  }

/** Why the request is no call of gRPC-Web. */
const faultOf = (headers: Headers, heads: RequestHead.RequestHeads): Answer | undefined => {
  if (headers.method === "OPTIONS") return options
  if (headers.method !== "POST") return "method" in heads.find(headers.path ?? "") ? wrongMethod : notFound
  const type = ContentType.parse(headers.get("content-type") ?? "")
  return type === undefined || type.framing === "grpc" || type.format !== "proto" ? wrongType : undefined
}

const types = "application/grpc-web+proto, application/grpc-web-text+proto"

const noContent = answer(204, "")
const options = answer(204, "", ["allow", "POST, OPTIONS"])
const forbidden = answer(403, "pages of this origin may not call this server\n")
const notFound = answer(404, "no method of a gRPC service has this path; calls are POST /package.Service/Method\n")
const wrongMethod = answer(405, "calls of gRPC and gRPC-Web are POST requests\n", ["allow", "POST, OPTIONS"])
const wrongType = answer(415, `this server takes gRPC (application/grpc, over HTTP/2) and gRPC-Web: ${types}\n`, [
  "accept-post",
  `application/grpc, ${types}`
])
const needsHttp2 = answer(505, `gRPC needs HTTP/2; over HTTP/1.1 this server takes gRPC-Web: ${types}\n`)

const refusePlain = (stream: HttpStream, cors: Cors.Cors): StreamHandler | undefined => {
  const { headers } = stream
  const type = headers.method === "POST" ? ContentType.parse(headers.get("content-type") ?? "") : undefined
  if (type?.framing !== "grpc") return undefined
  stream.respond(needsHttp2.prepared, cors.fieldsFor(headers))
  stream.write(needsHttp2.text, true)
  return silent
}

/**
 * The client's side of a connection of HTTP/1.1 (RFC 9112), on node:http: one request at a time, and the connection is kept
 * for the next one as long as both sides leave it in order. To its user it looks like a session of HTTP/2.
 */
import * as Http from "node:http"
import type { Socket } from "node:net"
import { Writer } from "../../wire/Writer.ts"
import type { ResponseHandler } from "../http2/ClientStream.ts"
import type { HeaderList } from "../http2/Headers.ts"
import type { Prepared } from "../http2/HpackEncoder.ts"
import * as Http2Error from "../http2/Http2Error.ts"
import type { Ended, Phase } from "../http2/Http2Socket.ts"
import type { HttpListener, HttpRequest, HttpSession } from "../HttpSession.ts"
import { ClientRequest, type RequestOwner } from "./ClientRequest.ts"
import * as Fields from "./ClientFields.ts"

/** Sizes are octets; `http2/Limits` says more and has the defaults. */
export interface Limits {
  /** Of a body that has arrived and was not consumed. */
  readonly streamWindow: number
  /** Of the head of a response. */
  readonly maxHeaderListSize: number
}

/** Requests may be made from `onReady` on. A request that is canceled takes the connection with it. */
export class ClientSession implements HttpSession, RequestOwner {
  readonly peer = { maxConcurrentStreams: 1 }
  readonly window: number
  phase: Phase = "open"
  private readonly socket: Socket
  private readonly limits: Limits
  private readonly listener: HttpListener
  private readonly agent: Http.Agent
  /** The connection is not free for another request yet. */
  private isBusy = false
  private ended: Ended = { code: Http2Error.noError, detail: "the connection was closed" }
  private scratch = new Writer(1024)

  /** Takes a connected socket, plain or of TLS. */
  constructor(socket: Socket, limits: Limits, listener: HttpListener) {
    this.socket = socket
    this.limits = limits
    this.window = limits.streamWindow
    this.listener = listener
    this.agent = new OneSocket(socket)
    this.agent.on("free", () => this.onFree())
    socket
      .on("data", this.onUnasked)
      .on("end", () => this.onPeerEnd())
      .on("error", (error) => this.onSocketError(error))
      .on("close", () => this.onSocketClose())
    process.nextTick(() => {
      if (this.phase === "open") listener.onReady()
    })
  }

  get isFull(): boolean {
    return this.isBusy
  }

  get streamCount(): number {
    return this.isBusy ? 1 : 0
  }

  get bytesWritten(): number {
    return this.socket.bytesWritten
  }

  onBroken(): void {
    if (this.phase !== "open") return
    this.end("a request was canceled")
    // The peer is not to blame for the end that comes.
    this.listener.onGoAway()
  }

  writer(): Writer {
    if (this.scratch.bytes.length > maxScratch) this.scratch = new Writer(1024)
    this.scratch.reset()
    return this.scratch
  }

  /** Trailers of a request are not supported, and informational responses are not told. */
  request(handler: ResponseHandler, prepared: Prepared, list?: HeaderList): HttpRequest | undefined {
    const { socket } = this
    if (this.phase !== "open" || this.isBusy || socket.destroyed || !socket.writable) return undefined
    this.isBusy = true
    socket.off("data", this.onUnasked)
    const { headers, method, path } = Fields.toHttp1(prepared, list)
    const message = Http.request({
      agent: this.agent,
      method,
      path,
      headers,
      setHost: false,
      maxHeaderSize: this.limits.maxHeaderListSize
    })
    return new ClientRequest(this, message, handler)
  }

  close(): void {
    if (this.phase !== "open") return
    this.phase = "draining"
    if (!this.isBusy) this.socket.destroySoon()
  }

  fail(_: Http2Error.ErrorCode, detail: string): void {
    this.end(detail)
    this.socket.destroy()
  }

  destroy(): void {
    this.socket.destroy()
  }

  /** Behind what node:http does with it: it keeps the socket for another request, or has closed it. */
  private onFree(): void {
    if (this.socket.destroyed) return
    this.isBusy = false
    this.socket.on("data", this.onUnasked)
    if (this.phase === "open") this.listener.onRoom()
    else this.socket.destroySoon()
  }

  /** It would be taken for the response to the next request. */
  private readonly onUnasked = (): void => {
    this.fail(Http2Error.protocolError, "the peer sent something that it was not asked for")
  }

  private onPeerEnd(): void {
    this.end("the peer closed the connection")
  }

  private onSocketError(error: Error): void {
    this.end(`the connection broke: ${error.message}`)
  }

  private onSocketClose(): void {
    if (this.phase === "closed") return
    this.phase = "closed"
    this.agent.destroy()
    // The request that is under way hears of it from node:http, and may have all of its response.
    this.listener.onClose(this.ended)
  }

  private end(detail: string): void {
    if (this.phase !== "open") return
    this.phase = "draining"
    this.ended = { code: Http2Error.noError, detail }
  }
}

/** Memory that is kept for the next message. */
const maxScratch = 1024 * 1024

/** Keeps a single connection, and makes none. */
class OneSocket extends Http.Agent {
  private readonly socket: Socket

  constructor(socket: Socket) {
    super({ keepAlive: true, maxSockets: 1 })
    this.socket = socket
  }

  override createConnection(): Socket {
    return this.socket
  }
}

/** A server's side of one connection of HTTP/1.1: which exchanges are under way, what takes too long, and how it ends. */
import { type IncomingMessage, type ServerResponse, STATUS_CODES } from "node:http"
import type { Socket } from "node:net"
import type { Deadlines } from "../Deadlines.ts"
import * as HpackEncoder from "../http2/HpackEncoder.ts"
import * as Http2Error from "../http2/Http2Error.ts"
import type { StreamHandler } from "../http2/Http2Stream.ts"
import { Http1Stream } from "./Http1Stream.ts"
import type { Limits } from "./Limits.ts"
import { type Expired, Timeouts, type Watched } from "./Timeouts.ts"

/** What a server hears of a connection. */
export interface Listener {
  /** The header of a request is complete. Answers who hears of the rest; `onEnd` comes even when there is no body. */
  readonly onStream: (stream: Http1Stream) => StreamHandler
  /** The connection is gone, and its exchanges before it. */
  readonly onClose: () => void
}

/** What the connections of one server share. */
export interface Environment {
  readonly deadlines: Deadlines["Service"]
  readonly limits: Limits
  /** A callback of a user broke; the connection is given up. */
  readonly logError: (message: string, defect: unknown) => void
}

/** Made by an `Http1Server`. */
export class Http1Connection implements Watched {
  readonly limits: Limits
  readonly timeouts: Timeouts
  private readonly socket: Socket
  private readonly listener: Listener
  private readonly environment: Environment
  private readonly streams = new Set<Http1Stream>()
  private newest: Http1Stream | undefined
  /** Takes no further request, and ends with the last response. */
  private isDraining = false
  private isEnding = false
  private isCorked = false
  /** Said behind the last response: what came behind the last request is no request. */
  private farewell = ""

  constructor(socket: Socket, environment: Environment, listener: Listener) {
    this.socket = socket
    this.listener = listener
    this.environment = environment
    this.limits = environment.limits
    this.timeouts = new Timeouts(environment.limits, environment.deadlines, this)
    // What breaks is closed next. Behind a CONNECT nobody else listens, and an error that nobody hears ends the process.
    socket.on("error", () => {}).on("close", () => this.guard(() => this.onSocketClose()))
    // So node:http closes behind a last response. Unread octets of its request would make that a reset, which overtakes it.
    socket.destroySoon = () => this.drain()
    this.timeouts.start()
  }

  get bytesRead(): number {
    return this.socket.bytesRead
  }

  /** Takes no further requests, answers those that it has, and closes. */
  drain(): void {
    this.isDraining = true
    if (this.streams.size === 0) this.finish()
  }

  /** Ends at once. */
  fail(_code: Http2Error.ErrorCode, _detail: string): void {
    this.destroy()
  }

  destroy(): void {
    this.socket.destroy()
  }

  /** What is written in one tick leaves in one write. */
  cork(): void {
    if (this.isCorked) return
    this.isCorked = true
    this.socket.cork()
    process.nextTick(() => {
      this.isCorked = false
      this.socket.uncork()
    })
  }

  /** A program that breaks takes its connection with it, and no other. */
  guard(run: () => void): void {
    try {
      run()
    } catch (defect) {
      this.environment.logError("a callback of an HTTP/1.1 exchange broke; the connection is closed", defect)
      this.destroy()
    }
  }

  /** The header of a request is complete. */
  onRequest(request: IncomingMessage, response: ServerResponse): void {
    if (this.isEnding || this.isDraining) return
    this.timeouts.onRequest()
    const stream = new Http1Stream(this, request, response)
    const isTooMany = this.streams.size >= this.limits.maxPipelined
    // Where no other protocol is taken up, node:http drops octets behind the request, and would read on within the next one.
    const isUpgrade = request.headers.upgrade !== undefined
    if (isTooMany || isUpgrade) this.isDraining = true
    this.newest = stream
    this.streams.add(stream)
    this.guard(() => {
      if (isTooMany) stream.reset(Http2Error.refusedStream)
      else if (!isPlain(request)) stream.respond(notImplemented, undefined, true)
      else stream.handler = this.listener.onStream(stream)
    })
    stream.listen()
  }

  /** What came is no request, or the socket broke. */
  onClientError({ code = "" }: NodeJS.ErrnoException): void {
    if (this.isEnding || this.farewell !== "") return
    if (!code.startsWith("HPE_") || code === "HPE_INVALID_EOF_STATE") return this.destroy()
    const status = code === "HPE_HEADER_OVERFLOW" ? 431 : 400
    const { newest } = this
    if (newest?.isReading === true) return newest.fail(badRequest, `the request's body is malformed: ${code}`)
    const detail =
      status === 431 ? `the header is larger than ${this.limits.maxHeaderSize} octets` : `this is no request: ${code}`
    this.endWith(status, detail)
  }

  /** A tunnel is asked for. Whatever comes from here on, no request can be read any more. */
  onConnect(): void {
    if (!this.isEnding && this.farewell === "") this.endWith(501, "this server is no proxy")
  }

  /** A response is about to go on. */
  onSending(): void {
    if (this.socket.writableLength === 0) this.timeouts.onSending()
  }

  /** The peer has taken a part of a response. */
  onSent(): void {
    if (this.socket.writableLength === 0) this.timeouts.onSent()
    else this.timeouts.onSending()
  }

  onExpired(what: Expired): void {
    const { newest } = this
    if (what === "linger") return this.destroy()
    // What waits for the response before it is not the peer's to take.
    if (what === "stall") return this.socket.writableLength > 0 ? this.destroy() : undefined
    if (what === "idle") return this.finish()
    if (what === "header") return this.endWith(408, "the header took too long")
    if (newest?.isReading === true) this.guard(() => newest.fail(requestTimeout, "the request's body took too long"))
  }

  /** Whether the connection ends with the response of this exchange, so that it has to say so. */
  isLast(stream: Http1Stream): boolean {
    return this.isDraining && this.farewell === "" && stream === this.newest
  }

  /** An exchange is over in both directions. */
  onDone(stream: Http1Stream): void {
    this.streams.delete(stream)
    if (stream === this.newest) this.newest = undefined
    if (this.streams.size > 0 || this.isEnding) return
    if (this.isDraining) this.finish()
    else this.timeouts.onIdle()
  }

  /** Says what is wrong outside of any exchange, behind what is still to be answered. */
  private endWith(status: number, detail: string): void {
    const text = `${detail}\n`
    this.farewell =
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nconnection: close\r\n` +
      `content-type: text/plain; charset=utf-8\r\ncontent-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`
    this.drain()
  }

  private finish(): void {
    if (this.isEnding) return
    this.isEnding = true
    this.socket.end(this.farewell)
    this.timeouts.onEnding()
  }

  private onSocketClose(): void {
    this.isEnding = true
    this.timeouts.stop()
    for (const stream of Array.from(this.streams)) stream.onGone()
    this.streams.clear()
    this.listener.onClose()
  }
}

/** Bodies may come in chunks, and those in no other coding (RFC 9112 section 6.1). */
const isPlain = ({ headers }: IncomingMessage): boolean =>
  headers["transfer-encoding"] === undefined || headers["transfer-encoding"].toLowerCase() === "chunked"

const badRequest = HpackEncoder.prepare([":status", "400", "connection", "close"])
const notImplemented = HpackEncoder.prepare([":status", "501", "connection", "close"])
const requestTimeout = HpackEncoder.prepare([":status", "408", "connection", "close"])

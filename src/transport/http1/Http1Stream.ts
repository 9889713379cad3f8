/** A request of HTTP/1.1 and the response to it (RFC 9112), with the face that a stream of HTTP/2 has. */
import type { IncomingMessage, ServerResponse } from "node:http"
import { Writer } from "../../wire/Writer.ts"
import { Headers, type HeaderList } from "../http2/Headers.ts"
import * as HpackEncoder from "../http2/HpackEncoder.ts"
import * as Http2Error from "../http2/Http2Error.ts"
import type { StreamHandler } from "../http2/Http2Stream.ts"
import { silent } from "../http2/ServerStream.ts"
import type { StreamState } from "../http2/StreamState.ts"
import type { HttpStream } from "../HttpStream.ts"
import type { Http1Connection } from "./Http1Connection.ts"

/** Made by an `Http1Connection`. */
export class Http1Stream implements HttpStream {
  readonly headers: Headers
  handler: StreamHandler = silent
  state: StreamState = "open"
  isFull = false
  ending: "waits" | undefined = undefined
  isResponded = false
  private readonly connection: Http1Connection
  private readonly request: IncomingMessage
  private readonly response: ServerResponse
  /** The body is complete, or is never going to be. */
  private isRead = false
  /** All of the response is on its way. */
  private isAnswered = false
  private isPaused = false
  private unread = 0
  private unsent = 0

  constructor(connection: Http1Connection, request: IncomingMessage, response: ServerResponse) {
    this.connection = connection
    this.request = request
    this.response = response
    this.headers = headersOf(request)
    response.on("finish", () => this.onFinish()).on("error", () => {})
  }

  get isEnded(): boolean {
    return this.state === "closed" || this.state === "halfClosedLocal" || this.ending !== undefined
  }

  /** Hands the body to the handler from now on. */
  listen(): void {
    const { connection, request } = this
    if (!this.isRead) connection.timeouts.onBody()
    request
      .on("data", (chunk: Buffer) => connection.guard(() => this.onData(chunk)))
      .on("end", () => connection.guard(() => this.onEnd()))
      .on("error", () => {})
  }

  respond(prepared: HpackEncoder.Prepared, list: HeaderList = [], isLast = false): void {
    if (this.isEnded) return
    this.isResponded = true
    const fields: Array<string> = []
    let status = 200
    for (const { name, value } of prepared.fields) {
      if (name === ":status") status = Number(value)
      else fields.push(name, value)
    }
    for (const text of list) fields.push(text)
    // Of an answer to HEAD it may say what there would be.
    if (isLast && status !== 204 && !fields.includes("content-length")) fields.push("content-length", "0")
    if (this.connection.isLast(this)) fields.push("connection", "close")
    this.connection.onSending()
    this.connection.cork()
    this.response.writeHead(status, fields)
    if (isLast) this.finish()
    else this.response.flushHeaders()
  }

  write(bytes: Buffer, isLast = false): boolean {
    if (this.isEnded) return true
    const { length } = bytes
    if (length > 0) {
      this.connection.onSending()
      this.connection.cork()
      this.unsent += length
      if (this.unsent > this.connection.limits.maxUnsent) this.isFull = true
      this.response.write(bytes, () => this.onSent(length))
    }
    if (isLast) this.finish()
    return !this.isFull
  }

  beginData(): Writer {
    scratch.reset()
    return scratch
  }

  endData(isLast = false): boolean {
    return this.write(scratch.toBytes(), isLast)
  }

  cancelData(): void {}

  /** Trailers reach those peers only that take chunks. */
  end(prepared?: HpackEncoder.Prepared, list: HeaderList = []): void {
    if (this.isEnded) return
    const trailers: Array<[string, string]> = (prepared?.fields ?? []).map(({ name, value }) => [name, value])
    for (let at = 0; at + 1 < list.length; at += 2) trailers.push([list[at]!, list[at + 1]!])
    if (trailers.length > 0) this.response.addTrailers(trailers)
    this.finish()
  }

  /** HTTP/1.1 cannot end one exchange alone: the connection goes with it, unless status 503 can still say what happened. */
  reset(code: Http2Error.ErrorCode): void {
    if (this.state === "closed") return
    if (code === Http2Error.refusedStream && !this.isResponded) return this.respond(refused, undefined, true)
    this.state = "closed"
    this.connection.destroy()
  }

  consume(size: number): void {
    this.unread -= Math.min(size, this.unread)
    if (this.isPaused && this.unread <= this.connection.limits.bodyWindow / 2) this.resume()
  }

  /** Octets of the request are garbage, or keep being missing: it is answered with this status where it can be. */
  fail(status: HpackEncoder.Prepared, detail: string): void {
    const { handler } = this
    const wasOpen = this.state !== "closed"
    if (this.isResponded) this.connection.destroy()
    else this.respond(status, undefined, true)
    this.state = "closed"
    this.onRead()
    if (wasOpen) handler.onReset({ code: Http2Error.protocolError, source: "local", detail, unprocessed: false })
  }

  /** The connection is gone. */
  onGone(): void {
    if (this.state === "closed") return
    this.state = "closed"
    this.handler.onReset(gone)
  }

  /** Its request is not complete. */
  get isReading(): boolean {
    return !this.isRead && !this.request.complete
  }

  private onData(chunk: Buffer): void {
    const { connection } = this
    if (this.isEnded) return
    connection.timeouts.onBody()
    this.unread += chunk.length
    this.handler.onData(chunk, 0, chunk.length, false)
    if (this.unread > connection.limits.bodyWindow && !this.isRead) this.pause()
  }

  private onEnd(): void {
    if (this.state === "open") {
      this.state = "halfClosedRemote"
      this.onRead()
      this.handler.onEnd(undefined)
    } else {
      this.onRead()
    }
  }

  private onRead(): void {
    if (this.isRead) return
    this.isRead = true
    this.connection.timeouts.onBodyEnd()
    if (this.isAnswered) this.connection.onDone(this)
  }

  private pause(): void {
    this.isPaused = true
    this.connection.timeouts.onBodyEnd()
    this.request.pause()
  }

  private resume(): void {
    this.isPaused = false
    if (!this.isRead) this.connection.timeouts.onBody()
    this.request.resume()
  }

  private finish(): void {
    if (this.isFull) this.ending = "waits"
    else this.state = "closed"
    this.response.end()
    if (this.isRead) return
    // Thrown away rather than cut off: unread octets would make the close a reset, and the response might be lost.
    this.resume()
    this.connection.timeouts.onEarlyEnd()
  }

  private onFinish(): void {
    this.state = "closed"
    this.ending = undefined
    this.isFull = false
    this.isAnswered = true
    this.connection.onSent()
    if (this.isRead) this.connection.onDone(this)
  }

  private onSent(size: number): void {
    this.unsent -= size
    if (this.state === "closed") return
    this.connection.onSent()
    if (this.unsent > 0 || !this.isFull) return
    this.isFull = false
    if (this.ending === undefined) this.connection.guard(() => this.handler.onDrain())
  }
}

/** Data is copied out of it before anything else happens. */
const scratch = new Writer()

const headersOf = ({ headers, method, rawHeaders, url = "" }: IncomingMessage): Headers => {
  const result = new Headers()
  // Of a target in absolute form the authority counts, and not the field (RFC 9112 section 3.2.2).
  const [target, authority] = absolute.exec(url) ?? []
  const path = url.slice(target?.length ?? 0)
  result.method = method
  result.scheme = "http"
  result.authority = authority ?? headers.host
  result.path = path.startsWith("/") || target === undefined ? path : `/${path}`
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    result.list.push(rawHeaders[at]!.toLowerCase(), rawHeaders[at + 1]!)
  }
  return result
}

const absolute = /^https?:\/\/([^/?#]+)/i

const refused = HpackEncoder.prepare([":status", "503", "retry-after", "1"])

const gone: Http2Error.StreamFault = {
  code: Http2Error.cancel,
  source: "connection",
  detail: "the client closed the connection",
  unprocessed: false
}

/** A request of HTTP/1.1 and the response to it. What is not taken stays with node:http, and then at the peer. */
import type { ClientRequest as Message, IncomingMessage } from "node:http"
import type { Writer } from "../../wire/Writer.ts"
import type { ResponseHandler } from "../http2/ClientStream.ts"
import * as Http2Error from "../http2/Http2Error.ts"
import type { HttpRequest } from "../HttpSession.ts"
import * as Fields from "./ClientFields.ts"

/** What a request needs of its connection. */
export interface RequestOwner {
  /** Octets of a body that are taken in before they are consumed. */
  readonly window: number
  /** Octets that the socket was given. */
  readonly bytesWritten: number
  /** This side closes the connection, since a message is not complete. */
  onBroken(): void
  /** For one message, which is written before another begins. */
  writer(): Writer
}

/** Made by `ClientSession.request`. */
export class ClientRequest implements HttpRequest {
  private readonly owner: RequestOwner
  private readonly message: Message
  private readonly handler: ResponseHandler
  /** Of the owner when the request began: while it is so, nothing has left. */
  private readonly bytesBefore: number
  private response: IncomingMessage | undefined
  private scratch: Writer | undefined
  private unread = 0
  private isPaused = false
  private isBegun = false
  /** All of the response is here. */
  private isComplete = false
  /** The handler hears nothing more. */
  private isOver = false

  constructor(owner: RequestOwner, message: Message, handler: ResponseHandler) {
    this.owner = owner
    this.message = message
    this.handler = handler
    this.bytesBefore = owner.bytesWritten
    message
      .on("socket", () => this.begin())
      .on("response", (response) => this.onResponse(response))
      .on("drain", () => this.onDrain())
      .on("error", (error) => this.fail(error))
      .on("close", () => this.onClose())
  }

  get isEnded(): boolean {
    return this.isOver || this.message.writableEnded || this.message.destroyed
  }

  write(bytes: Buffer, isLast = false): boolean {
    if (this.isEnded) return true
    this.isBegun = true
    if (!isLast) return bytes.length === 0 || this.message.write(bytes)
    this.message.end(bytes)
    return true
  }

  beginData(): Writer {
    return (this.scratch = this.owner.writer())
  }

  endData(isLast = false): boolean {
    const bytes = this.scratch?.toBytes()
    return bytes === undefined || this.write(bytes, isLast)
  }

  cancelData(): void {}

  end(): void {
    if (!this.isEnded) this.message.end()
  }

  /** The connection goes with it, unless both messages are complete. */
  reset(): void {
    if (this.isOver) return
    this.isOver = true
    if (this.isComplete && this.message.writableEnded) return
    this.owner.onBroken()
    this.message.destroy()
  }

  consume(size: number): void {
    this.unread = Math.max(0, this.unread - size)
    if (!this.isPaused || this.unread * 2 > this.owner.window) return
    this.isPaused = false
    this.response?.resume()
  }

  /** A request whose body is yet to come begins with its head. */
  private begin(): void {
    if (!this.isBegun && !this.isEnded) this.message.flushHeaders()
  }

  private onResponse(response: IncomingMessage): void {
    this.response = response
    response.on("error", (error) => this.fail(error)).on("end", () => this.onEnd())
    if (this.isOver) return
    const headers = Fields.fromHttp1(response)
    this.handler.onHeaders(headers, headers.contentLength === 0)
    response.on("data", (chunk: Buffer) => this.onData(chunk))
  }

  private onData(chunk: Buffer): void {
    if (this.isOver) return
    this.unread += chunk.length
    this.handler.onData(chunk, 0, chunk.length, false)
    if (this.unread < this.owner.window || this.isOver) return
    this.isPaused = true
    this.response?.pause()
  }

  /** The handler is told when the connection is free, so that what it does next finds room there. */
  private onEnd(): void {
    this.isComplete = this.response?.complete === true
    if (!this.isComplete) return this.fail(undefined)
    process.nextTick(() => {
      if (!this.isOver) this.handler.onEnd(undefined)
    })
  }

  private onDrain(): void {
    if (!this.isOver) this.handler.onDrain()
  }

  /** A response that has begun says itself how it ends, be it later. */
  private onClose(): void {
    if (this.response === undefined) this.fail(undefined)
  }

  private fail(error: Error | undefined): void {
    if (this.isOver || this.isComplete) return
    this.isOver = true
    const code = (error as NodeJS.ErrnoException | undefined)?.code
    const isGarbage = code?.startsWith("HPE_") === true
    this.message.destroy()
    this.handler.onReset({
      code: isGarbage ? Http2Error.protocolError : Http2Error.internalError,
      source: isGarbage ? "local" : "connection",
      detail: isGarbage ? `${error!.message}; does the peer speak HTTP/1.1?` : this.describe(error),
      unprocessed: this.owner.bytesWritten === this.bytesBefore
    })
  }

  private describe(error: Error | undefined): string {
    const what = this.response === undefined ? "before it answered" : "within its answer"
    return `the peer closed the connection ${what}${error === undefined ? "" : ` (${error.message})`}`
  }
}

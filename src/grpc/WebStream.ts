/**
 * A response of gRPC-Web (grpc/doc/PROTOCOL-WEB.md) with the face of one of gRPC: its trailers become the last message of
 * the body, a body of `application/grpc-web-text` goes in base64, and the fields of CORS go with the headers.
 */
import type { HeaderList, Headers } from "../transport/http2/Headers.ts"
import type { Prepared } from "../transport/http2/HpackEncoder.ts"
import type { ErrorCode } from "../transport/http2/Http2Error.ts"
import type { StreamHandler } from "../transport/http2/Http2Stream.ts"
import type { StreamState } from "../transport/http2/StreamState.ts"
import type { HttpStream } from "../transport/HttpStream.ts"
import { Writer } from "../wire/Writer.ts"
import * as WebText from "./WebText.ts"
import * as WebTrailers from "./WebTrailers.ts"

/** How an answer differs from one of gRPC. */
export interface Form {
  /** The body goes in base64. */
  readonly isText: boolean
  /** Fields that go with these. */
  readonly fieldsWith: (prepared: Prepared, list: HeaderList) => HeaderList
}

/** Around the stream of a request, for its time. */
export class WebStream implements HttpStream {
  private readonly http: HttpStream
  private readonly form: Form
  /** Of a request in base64. */
  private held: WebText.Held | undefined = undefined

  constructor(http: HttpStream, form: Form) {
    this.http = http
    this.form = form
  }

  get headers(): Headers {
    return this.http.headers
  }

  get handler(): StreamHandler {
    return this.http.handler
  }

  set handler(handler: StreamHandler) {
    this.http.handler = handler
  }

  get state(): StreamState {
    return this.http.state
  }

  get isEnded(): boolean {
    return this.http.isEnded
  }

  get isFull(): boolean {
    return this.http.isFull
  }

  get ending(): unknown {
    return this.http.ending
  }

  /** An answer without messages has its trailers among its headers, as with gRPC. */
  respond(prepared: Prepared, list: HeaderList = [], isLast = false): void {
    this.http.respond(prepared, [...list, ...this.form.fieldsWith(prepared, list)], isLast)
  }

  write(bytes: Buffer, isLast = false): boolean {
    return this.http.write(this.form.isText ? WebText.encode(bytes) : bytes, isLast)
  }

  beginData(): Writer {
    if (!this.form.isText) return this.http.beginData()
    scratch.reset()
    return scratch
  }

  endData(isLast = false): boolean {
    if (!this.form.isText) return this.http.endData(isLast)
    return this.http.write(WebText.encode(scratch.bytes, 0, scratch.position), isLast)
  }

  cancelData(): void {
    if (!this.form.isText) this.http.cancelData()
  }

  end(prepared?: Prepared, list: HeaderList = []): void {
    const fields: Array<string> = []
    for (const { name, value } of prepared?.fields ?? []) fields.push(name, value)
    this.write(WebTrailers.encode([...fields, ...list]), true)
  }

  reset(code: ErrorCode): void {
    this.http.reset(code)
  }

  /** So many octets of base64 have come, and become so many. */
  received(encoded: number, decoded: number): void {
    this.held ??= new WebText.Held()
    this.http.consume(this.held.add(encoded, decoded))
  }

  consume(size: number): void {
    this.http.consume(this.held === undefined ? size : this.held.consume(size))
  }
}

/** Data is encoded out of it before anything else happens. */
const scratch = new Writer()

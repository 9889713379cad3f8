/** Stands between a call of gRPC-Web and its request, where both bodies are in base64 (`application/grpc-web-text`). */
import type { ResponseHandler } from "../transport/http2/ClientStream.ts"
import type { Headers } from "../transport/http2/Headers.ts"
import type { ErrorCode, StreamFault } from "../transport/http2/Http2Error.ts"
import type { HttpRequest } from "../transport/HttpSession.ts"
import type { Writer } from "../wire/Writer.ts"
import type { WebClientResponse } from "./WebClientResponse.ts"
import * as WebText from "./WebText.ts"

/** One request and its response. */
export class WebClientText implements ResponseHandler, HttpRequest {
  /** What it is sent over. Known before anything happens. */
  below: HttpRequest | undefined
  private readonly response: WebClientResponse
  /** For one message at a time. */
  private readonly scratch: Writer
  private readonly decoder = new WebText.Decoder()
  private readonly held = new WebText.Held()

  constructor(response: WebClientResponse, scratch: Writer) {
    this.response = response
    this.scratch = scratch
  }

  onInformational(): void {}

  onHeaders(headers: Headers, isLast: boolean): void {
    this.response.onHeaders(headers, isLast)
  }

  onData(bytes: Buffer, start: number, end: number): void {
    let chunk: Buffer
    try {
      chunk = this.decoder.push(bytes, start, end)
    } catch (error) {
      return this.response.fail((error as Error).message)
    }
    this.below?.consume(this.held.add(end - start, chunk.length))
    if (chunk.length > 0) this.response.onData(chunk, 0, chunk.length)
  }

  onEnd(): void {
    if (this.decoder.isWhole) this.response.onEnd()
    else this.response.fail("the response ends within four characters of its base64")
  }

  onReset(fault: StreamFault): void {
    this.response.onReset(fault)
  }

  onDrain(): void {
    this.response.onDrain()
  }

  get isEnded(): boolean {
    return this.below === undefined || this.below.isEnded
  }

  write(bytes: Buffer, isLast = false): boolean {
    return this.below?.write(WebText.encode(bytes), isLast) ?? true
  }

  beginData(): Writer {
    this.scratch.reset()
    return this.scratch
  }

  endData(isLast = false): boolean {
    const { bytes, position } = this.scratch
    return this.below?.write(WebText.encode(bytes, 0, position), isLast) ?? true
  }

  cancelData(): void {}

  end(): void {
    this.below?.end()
  }

  reset(code: ErrorCode): void {
    this.below?.reset(code)
  }

  consume(size: number): void {
    this.below?.consume(this.held.consume(size))
  }
}

/** A session whose requests are calls of gRPC-Web, over one of HTTP/2 or HTTP/1.1. To its calls it looks like gRPC. */
import type { ResponseHandler } from "../transport/http2/ClientStream.ts"
import type { HeaderList } from "../transport/http2/Headers.ts"
import type { Prepared } from "../transport/http2/HpackEncoder.ts"
import type { ErrorCode } from "../transport/http2/Http2Error.ts"
import type { Phase } from "../transport/http2/Http2Socket.ts"
import type { HttpRequest, HttpSession } from "../transport/HttpSession.ts"
import { Writer } from "../wire/Writer.ts"
import { type Rules, WebClientResponse } from "./WebClientResponse.ts"
import { WebClientText } from "./WebClientText.ts"

/** `isText` is whether bodies are in base64. */
export class WebClientSession implements HttpSession {
  private readonly session: HttpSession
  private readonly rules: Rules
  private readonly isText: boolean
  private scratch = new Writer(1024)

  constructor(session: HttpSession, rules: Rules, isText: boolean) {
    this.session = session
    this.rules = rules
    this.isText = isText
  }

  get phase(): Phase {
    return this.session.phase
  }

  get isFull(): boolean {
    return this.session.isFull
  }

  get streamCount(): number {
    return this.session.streamCount
  }

  get peer(): { readonly maxConcurrentStreams: number } {
    return this.session.peer
  }

  /** The body of a binary request is that of gRPC, so that it needs nobody between. */
  request(handler: ResponseHandler, prepared: Prepared, list?: HeaderList): HttpRequest | undefined {
    const response = new WebClientResponse(handler, this.rules)
    if (this.isText) return this.requestText(response, prepared, list)
    response.request = this.session.request(response, prepared, list)
    return response.request
  }

  close(): void {
    this.session.close()
  }

  fail(code: ErrorCode, detail: string): void {
    this.session.fail(code, detail)
  }

  destroy(): void {
    this.session.destroy()
  }

  private requestText(
    response: WebClientResponse,
    prepared: Prepared,
    list: HeaderList | undefined
  ): HttpRequest | undefined {
    if (this.scratch.bytes.length > maxScratch) this.scratch = new Writer(1024)
    const text = new WebClientText(response, this.scratch)
    text.below = this.session.request(text, prepared, list)
    response.request = text
    return text.below === undefined ? undefined : text
  }
}

/** Memory that is kept for the next message. */
const maxScratch = 1024 * 1024

/** The body of a gRPC-Web request on its way to the call: out of its base64, where it is in base64, and within its time. */
import { isCodecError } from "../Codec.ts"
import type { Timer } from "../transport/Deadlines.ts"
import type { StreamFault } from "../transport/http2/Http2Error.ts"
import type { StreamHandler } from "../transport/http2/Http2Stream.ts"
import type { GrpcRequest } from "./GrpcRequest.ts"
import * as Status from "./Status.ts"
import * as StatusCode from "./StatusCode.ts"
import type { WebStream } from "./WebStream.ts"
import * as WebText from "./WebText.ts"

/** Stands before a `GrpcRequest`. */
export class WebRequest implements StreamHandler {
  private readonly request: GrpcRequest
  private readonly stream: WebStream
  private readonly decoder: WebText.Decoder | undefined
  private isBroken = false
  private timer: Timer | undefined = undefined

  constructor(request: GrpcRequest, stream: WebStream, isText: boolean) {
    this.request = request
    this.stream = stream
    this.decoder = isText ? new WebText.Decoder() : undefined
  }

  /** A body that is still not complete at its call's deadline is given up. */
  bound(timer: (expire: () => void) => Timer): void {
    this.timer = timer(() => this.request.giveUp(tooSlow))
  }

  onData(bytes: Buffer, start: number, end: number, isLast: boolean): void {
    this.take(bytes, start, end, isLast)
    // Whoever is answered before the end of the request need not come to it, and may have asked for years.
    if (this.stream.isEnded) this.timer?.cancel()
  }

  onEnd(): void {
    this.timer?.cancel()
    if (this.isBroken) return
    if (this.decoder?.isWhole === false) return this.break("the base64 of the request is cut off")
    this.request.onEnd()
  }

  onReset(fault: StreamFault): void {
    this.timer?.cancel()
    this.request.onReset(fault)
  }

  onDrain(): void {
    this.request.onDrain()
  }

  private take(bytes: Buffer, start: number, end: number, isLast: boolean): void {
    if (this.decoder === undefined) return this.request.onData(bytes, start, end, isLast)
    if (this.isBroken) return this.stream.received(end - start, 0)
    let decoded: Buffer
    try {
      decoded = this.decoder.push(bytes, start, end)
    } catch (error) {
      if (!isCodecError(error)) throw error
      this.stream.received(end - start, 0)
      return this.break(error.message)
    }
    this.stream.received(end - start, decoded.length)
    if (decoded.length > 0) this.request.onData(decoded, 0, decoded.length, false)
  }

  private break(message: string): void {
    this.isBroken = true
    this.request.giveUp(Status.make(StatusCode.internal, message))
  }
}

const tooSlow = Status.make(StatusCode.deadlineExceeded, "the request was not complete at its deadline")

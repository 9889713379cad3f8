/** One request as it comes in: from its bytes to the call, in the tick of its last byte where there is one message. */
import { isCodecError } from "../Codec.ts"
import { StatusError } from "../RpcError.ts"
import type { Caller } from "../transport/Caller.ts"
import type { StreamFault } from "../transport/http2/Http2Error.ts"
import type { StreamHandler } from "../transport/http2/Http2Stream.ts"
import type { HttpStream } from "../transport/HttpStream.ts"
import * as Compression from "./Compression.ts"
import * as Envelope from "./Envelope.ts"
import { GrpcCall, type Taken } from "./GrpcCall.ts"
import * as ReplyHeaders from "./ReplyHeaders.ts"
import type { RequestHead } from "./RequestHead.ts"
import { ServerBody } from "./ServerBody.ts"
import type { Shared } from "./ServerShared.ts"
import * as Status from "./Status.ts"
import * as StatusCode from "./StatusCode.ts"

/** Listens to one request of HTTP, and makes the call once there is enough of the request. */
export class GrpcRequest implements StreamHandler {
  private readonly shared: Shared
  private readonly caller: Caller
  private readonly stream: HttpStream
  private readonly head: RequestHead
  /** Milliseconds since the epoch. The time that the caller gives runs from here. */
  private readonly deadline: number | undefined
  private call: GrpcCall | undefined = undefined
  /** Of a request that is a stream. */
  private body: ServerBody | undefined = undefined
  /** Where a single message stands that came in one piece, until the request ends, which is at once. */
  private whole: Buffer | undefined = undefined
  private wholeStart = 0
  private wholeEnd = 0
  /** Of a single message that comes in pieces. */
  private splitter: Envelope.Splitter | undefined = undefined
  private messages: Array<Envelope.Message> | undefined = undefined
  private isRefused = false

  constructor(shared: Shared, caller: Caller, stream: HttpStream, head: RequestHead) {
    this.shared = shared
    this.caller = caller
    this.stream = stream
    this.head = head
    this.deadline = head.timeout === undefined ? undefined : shared.deadlines.now() + head.timeout
  }

  /** Runs the handler of a stream: it does not wait for the first message. */
  startStream(): void {
    const { head, shared, stream } = this
    this.body = new ServerBody(stream, head, shared.reader, shared.maxReceiveSize)
    this.dispatch(this.body.stream, this.body)
  }

  onData(bytes: Buffer, start: number, end: number, isLast: boolean): void {
    const size = end - start
    if (this.body !== undefined) return this.body.onData(bytes.subarray(start, end))
    this.stream.consume(size)
    if (this.isRefused) return
    if (
      isLast &&
      this.messages === undefined &&
      size >= Envelope.prefixSize &&
      bytes[start] === 0 &&
      Envelope.sizeAt(bytes, start) === size - Envelope.prefixSize &&
      size - Envelope.prefixSize <= this.shared.maxReceiveSize
    ) {
      // Answered behind the end of the request: an answer before it would ask the caller to stop (RST_STREAM).
      this.whole = bytes
      this.wholeStart = start + Envelope.prefixSize
      this.wholeEnd = end
      return
    }
    this.collect(bytes.subarray(start, end))
  }

  onEnd(): void {
    if (this.body !== undefined) return this.body.onEnd()
    if (this.isRefused) return
    const { messages = [], whole } = this
    if (whole !== undefined) {
      this.whole = undefined
      return this.serve(whole, this.wholeStart, this.wholeEnd)
    }
    const [message] = messages
    if (this.splitter?.isMidway === true) return this.refuse(cutOff)
    if (message === undefined || messages.length > 1)
      return this.refuse(message === undefined ? noMessage : manyMessages)
    if (!message.isCompressed) return this.serve(message.bytes, message.start, message.end)
    Compression.decompress(this.head.encoding, Envelope.bytesOf(message), this.shared.maxReceiveSize, {
      onBytes: (bytes) => this.serve(bytes, 0, bytes.length, compressed),
      onFault: ({ status }) => this.refuse(status)
    })
  }

  onReset({ detail }: StreamFault): void {
    this.isRefused = true
    this.call?.abandon(this.shared.interruptOnDisconnect)
    this.body?.fail(new StatusError({ code: StatusCode.cancelled, detail }))
  }

  onDrain(): void {
    this.call?.onDrain()
  }

  /** The rest of the request is of no use. A call that runs on it hears so; one that has not begun is answered. */
  giveUp(status: Status.Status): void {
    if (this.body !== undefined) this.body.fail(new StatusError({ code: status.code, detail: status.message }))
    else if (!this.isRefused && this.call === undefined) this.refuse(status)
  }

  private collect(chunk: Buffer): void {
    this.splitter ??= new Envelope.Splitter(this.shared.maxReceiveSize)
    this.messages ??= []
    try {
      this.splitter.push(chunk, this.messages)
    } catch (error) {
      if (!(error instanceof Envelope.EnvelopeError)) throw error
      return this.refuse(error.status)
    }
    if (this.messages.length > 1) this.refuse(manyMessages)
  }

  private serve(bytes: Buffer, start: number, end: number, taken?: Taken): void {
    // It may have been decompressed on another thread meanwhile.
    if (this.isRefused) return
    const { reader } = this.shared
    reader.reset(bytes, start, end)
    let payload: unknown
    try {
      payload = this.head.served.codec.request.decode(reader)
    } catch (error) {
      if (!isCodecError(error)) throw error
      return this.refuse(Status.make(StatusCode.internal, `the request cannot be decoded: ${error.message}`))
    }
    this.dispatch(payload, taken)
  }

  private dispatch(payload: unknown, taken: Taken | undefined): void {
    const { caller, head, shared, stream } = this
    this.call = new GrpcCall(shared, caller, stream, head, payload, this.deadline, taken)
    shared.dispatcher.run(this.call, head.served.context)
  }

  private refuse(status: Status.Status): void {
    this.isRefused = true
    const list: Array<string> = []
    ReplyHeaders.fields(status, list)
    this.stream.respond(this.head.replies.onlyOf(status.code), list, true)
  }
}

const compressed: Taken = { isCompressed: true }

const cutOff = Status.make(StatusCode.internal, "the request ends inside a message")
const noMessage = Status.make(StatusCode.unimplemented, "the method takes one message, and none came")
const manyMessages = Status.make(StatusCode.unimplemented, "the method takes one message, and more came")

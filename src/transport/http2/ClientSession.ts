/** The client's side of a connection: makes requests as far as the server lets it, and notices when the server leaves. */
import type { Socket } from "node:net"
import { ClientStream, type ResponseHandler } from "./ClientStream.ts"
import * as Frame from "./Frame.ts"
import * as GoAway from "./GoAway.ts"
import * as HeaderRules from "./HeaderRules.ts"
import type { Headers, HeaderList } from "./Headers.ts"
import type { Prepared } from "./HpackEncoder.ts"
import { type Ended, type Environment, Http2Connection } from "./Http2Connection.ts"
import * as Http2Error from "./Http2Error.ts"
import { Http2Error as Failure } from "./Http2Error.ts"
import type { Http2Stream } from "./Http2Stream.ts"
import * as Settings from "./Settings.ts"
import * as StreamState from "./StreamState.ts"

/** What a client hears of a connection. */
export interface ClientListener {
  /** The server's settings have come: it speaks HTTP/2, and says how many streams it takes. */
  onReady(): void
  /** `isFull` was true, and is not any more. */
  onRoom(): void
  /** The server takes no further stream. Those that it has not looked at were reset before, as `unprocessed`. */
  onGoAway(goAway: GoAway.GoAway): void
  /** The connection is gone, and its streams before it. */
  onClose(ended: Ended): void
}

/** Streams that are opened before the server has said how many it takes. RFC 9113 section 6.5.2 advises servers to allow them. */
const untold = 100

const lastStreamId = 0x7fff_ffff

/** Takes a connected socket, plain or of TLS, and says hello at once. Requests may be made from then on. */
export class ClientSession extends Http2Connection {
  private readonly listener: ClientListener
  private nextId = 1
  private isReady = false
  private wasFull = false
  /** The server looks at no stream above. */
  private processedId = lastStreamId

  constructor(socket: Socket, environment: Environment, listener: ClientListener) {
    super(socket, environment)
    this.listener = listener
    const { limits } = environment
    const writer = this.outbox.writer()
    writer.reserve(Frame.preface.length)
    writer.position += Frame.preface.copy(writer.bytes, writer.position)
    this.start([
      [Settings.enablePush, 0],
      [Settings.initialWindowSize, limits.streamWindow],
      [Settings.maxFrameSize, limits.maxFrameSize],
      [Settings.maxHeaderListSize, limits.maxHeaderListSize],
      [Settings.headerTableSize, limits.headerTableSize]
    ])
  }

  /** As many streams are open as the server allows; `onRoom` comes when there is room again. */
  get isFull(): boolean {
    const full = this.streams.size >= (this.isReady ? this.peer.maxConcurrentStreams : untold)
    if (full) this.wasFull = true
    return full
  }

  /** Why the server would not take these headers: they are larger than it has said. Undefined where it would. */
  headerFault(prepared: Prepared, list?: HeaderList): string | undefined {
    return this.headerSender.faultOf(prepared, list)
  }

  /**
   * Begins a request with its headers: the constant ones, the pseudo-headers first among them, then others; names in lower
   * case, `HpackEncoder.check` finds the faults. With `isLast` it is all of the request. Answers undefined, and has sent
   * nothing, when the session is full or ends.
   */
  request(handler: ResponseHandler, prepared: Prepared, list?: HeaderList, isLast = false): ClientStream | undefined {
    if (this.phase !== "open" || this.isFull) return undefined
    const id = this.nextId
    if (id > lastStreamId) {
      this.close()
      return undefined
    }
    this.nextId += 2
    const stream = new ClientStream(this, id, handler, prepared.method === "HEAD")
    this.streams.add(stream)
    this.headerSender.send(stream, prepared, list, isLast)
    return stream
  }

  /** Ends gracefully: opens no further stream, and closes the connection with the last one. */
  close(): void {
    if (this.phase !== "open") return
    this.phase = "draining"
    GoAway.write(this.outbox.writer(), 0, Http2Error.noError, "the client closes")
    this.endIfDrained()
  }

  override onHeaders(id: number, flags: number, bytes: Buffer, start: number, end: number): void {
    // Decoded in any case: the tables of the two sides must stay equal.
    const headers = this.decoder.decode(bytes, start, end)
    const isLast = (flags & Frame.endStream) !== 0
    const stream = this.streams.get(id) as ClientStream | undefined
    if (stream === undefined) return this.onClosedHeaders(id)
    if (!StreamState.canReceive(stream.state)) {
      return this.failStream(stream, Http2Error.streamClosed, "HEADERS behind the end of the stream")
    }
    if (headers.isTooLarge) return this.failStream(stream, Http2Error.enhanceYourCalm, tooLarge)
    if (stream.isResponded) this.onTrailers(stream, headers, isLast)
    else this.onResponse(stream, headers, isLast)
  }

  override beginData(id: number, size: number, padding: number): ClientStream | undefined {
    const stream = super.beginData(id, size, padding) as ClientStream | undefined
    if (stream === undefined || stream.isResponded) return stream
    this.failStream(stream, Http2Error.protocolError, "DATA before the response")
    return undefined
  }

  override onGoAway(goAway: GoAway.GoAway): void {
    this.processedId = Math.min(this.processedId, goAway.lastId)
    if (this.phase === "open") {
      this.phase = "draining"
      this.ended = { code: goAway.code, detail: `the server said GOAWAY: ${describe(goAway)}` }
    }
    this.refuseUnprocessed(goAway)
    this.listener.onGoAway(goAway)
    this.endIfDrained()
  }

  protected override lastPeerId(): number {
    return 0
  }

  protected override isIdle(id: number): boolean {
    return (id & 1) === 0 || id >= this.nextId
  }

  protected override onPeerSettings(): void {
    if (this.peer.enablePush) throw new Failure(Http2Error.protocolError, "ENABLE_PUSH of 1 from a server")
    if (!this.isReady) {
      this.isReady = true
      this.listener.onReady()
    }
    this.tellRoom()
  }

  protected override onReleased(): void {
    if (this.phase === "draining") this.endIfDrained()
    else this.tellRoom()
  }

  protected override isUnprocessed(stream: Http2Stream): boolean {
    return (stream as ClientStream).writtenAt === this.outbox.flushes || stream.id > this.processedId
  }

  protected override onClosed(): void {
    this.listener.onClose(this.ended)
  }

  private tellRoom(): void {
    if (!this.wasFull || this.phase !== "open" || this.isFull) return
    this.wasFull = false
    this.listener.onRoom()
  }

  private endIfDrained(): void {
    if (this.phase === "draining" && this.streams.size === 0) this.finish()
  }

  private refuseUnprocessed(goAway: GoAway.GoAway): void {
    for (const stream of this.streams.all()) {
      if (stream.id <= goAway.lastId || stream.state === "closed") continue
      this.release(stream)
      stream.handler.onReset({
        code: goAway.code,
        source: "connection",
        detail: `the server said GOAWAY before it looked at the stream: ${describe(goAway)}`,
        unprocessed: true
      })
    }
  }

  private onClosedHeaders(id: number): void {
    if (this.isIdle(id)) throw new Failure(Http2Error.protocolError, `HEADERS for stream ${id}, which was never opened`)
    if (this.isForgotten(id) || id > this.processedId) return
    throw new Failure(Http2Error.streamClosed, `HEADERS for stream ${id}, which is closed`)
  }

  private onResponse(stream: ClientStream, headers: Headers, isLast: boolean): void {
    const fault = HeaderRules.faultOf(headers, "response")
    if (fault !== undefined) return this.failStream(stream, Http2Error.protocolError, fault)
    const status = headers.status!
    if (status.charCodeAt(0) === 0x31 /* 1 */) return this.onInformational(stream, headers, isLast)
    stream.isResponded = true
    if (!stream.isHead && status !== "304") stream.missing = headers.contentLength
    if (isLast && stream.missing > 0) {
      return this.failStream(stream, Http2Error.protocolError, "content-length without a body")
    }
    stream.handler.onHeaders(headers, isLast)
    if (isLast) this.endStream(stream, undefined)
  }

  private onInformational(stream: ClientStream, headers: Headers, isLast: boolean): void {
    if (isLast || headers.status === "101") {
      return this.failStream(stream, Http2Error.protocolError, `status ${headers.status} that ends or upgrades`)
    }
    this.floods.count("emptyFrames")
    stream.handler.onInformational(headers)
  }

  private onTrailers(stream: ClientStream, headers: Headers, isLast: boolean): void {
    if (!isLast) return this.failStream(stream, Http2Error.protocolError, "trailers that do not end the stream")
    const fault = HeaderRules.faultOf(headers, "trailers")
    if (fault !== undefined) return this.failStream(stream, Http2Error.protocolError, fault)
    if (stream.missing > 0) return this.failStream(stream, Http2Error.protocolError, "the body is too short")
    this.endStream(stream, headers)
  }

  /** The handler may have ended the stream itself meanwhile. */
  private endStream(stream: ClientStream, trailers: Headers | undefined): void {
    if (!StreamState.canReceive(stream.state)) return
    this.endRemote(stream)
    stream.handler.onEnd(trailers)
  }
}

const tooLarge = "a header list beyond the limit (maxHeaderListSize)"

const describe = (goAway: GoAway.GoAway): string =>
  goAway.detail === "" ? Http2Error.nameOf(goAway.code) : `${Http2Error.nameOf(goAway.code)} (${goAway.detail})`

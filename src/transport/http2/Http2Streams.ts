/**
 * The streams of a connection: where they are kept, what they send and receive through, and how they end. What brings them
 * about is the affair of the connection above.
 */
import type { Socket } from "node:net"
import { DataReceiver } from "./DataReceiver.ts"
import { DataSender } from "./DataSender.ts"
import { Floods } from "./Floods.ts"
import { Forgotten } from "./Forgotten.ts"
import * as Frame from "./Frame.ts"
import { HeaderSender } from "./HeaderSender.ts"
import { HpackDecoder } from "./HpackDecoder.ts"
import * as Http2Error from "./Http2Error.ts"
import { type ErrorCode, Http2Error as Failure } from "./Http2Error.ts"
import { type Environment, Http2Socket } from "./Http2Socket.ts"
import type { Http2Stream } from "./Http2Stream.ts"
import * as Ping from "./Ping.ts"
import * as Settings from "./Settings.ts"
import { SettingsExchange } from "./SettingsExchange.ts"
import * as StreamState from "./StreamState.ts"
import { StreamTable } from "./StreamTable.ts"

/** See `Http2Connection`. */
export abstract class Http2Streams extends Http2Socket {
  readonly headerSender: HeaderSender
  readonly sender: DataSender
  readonly receiver: DataReceiver
  readonly settings: SettingsExchange
  readonly streams = new StreamTable<Http2Stream>()
  /** What the peer has asked for. */
  readonly peer = new Settings.Settings()
  protected readonly floods: Floods
  // Made when they are needed: silent connections are to be small.
  protected pings: Ping.Pings | undefined
  private forgotten: Forgotten | undefined
  private usedDecoder: HpackDecoder | undefined
  private isSettled = false

  constructor(socket: Socket, environment: Environment) {
    super(socket, environment)
    const { deadlines, limits } = environment
    this.headerSender = new HeaderSender(this)
    this.sender = new DataSender(this, this.outbox)
    this.receiver = new DataReceiver(this, limits, deadlines.now)
    this.settings = new SettingsExchange(this)
    this.floods = new Floods(limits, deadlines.now)
  }

  override get streamCount(): number {
    return this.streams.size
  }

  /** Sends a PING; `onAck` is called when it is answered. */
  ping(onAck: () => void): void {
    if (!this.isLive) return
    this.pings ??= new Ping.Pings()
    this.pings.write(this.outbox.writer(), onAck)
  }

  /** END_STREAM was sent. */
  endLocal(stream: Http2Stream): void {
    stream.state = StreamState.endLocal(stream.state)
    if (stream.state === "closed") this.release(stream)
    else this.onEndedLocal(stream)
  }

  /** END_STREAM came. To be called before the handler hears of it. */
  endRemote(stream: Http2Stream): void {
    stream.state = StreamState.endRemote(stream.state)
    if (stream.state === "closed") this.release(stream)
  }

  /** Ends a stream from this side, and tells the peer. */
  resetStream(stream: Http2Stream, code: ErrorCode): void {
    Frame.writeRstStream(this.outbox.writer(), stream.id, code)
    this.forget(stream.id)
    this.release(stream)
  }

  /** The peer broke a rule on one stream. */
  failStream(stream: Http2Stream, code: ErrorCode, detail: string): void {
    this.resetStream(stream, code)
    stream.handler.onReset({ code, source: "local", detail, unprocessed: false })
    this.floods.count("resets")
  }

  /** The peer keeps to what this side has asked for. */
  onSettled(): void {
    this.receiver.onSettled()
    this.isSettled = true
    this.usedDecoder?.onSettled()
  }

  /** DATA has come for a stream that takes none. */
  onClosedData(id: number, stream: Http2Stream | undefined): void {
    if (stream !== undefined)
      return this.failStream(stream, Http2Error.streamClosed, "DATA behind the end of the stream")
    if (this.isIdle(id)) throw neverOpened("DATA", id)
    if (!this.isForgotten(id)) this.refuse(id, Http2Error.streamClosed)
  }

  /** Of all header blocks that the peer sends. */
  protected get decoder(): HpackDecoder {
    return this.usedDecoder ?? this.makeDecoder()
  }

  /** Whether a stream has never been opened. */
  protected abstract isIdle(id: number): boolean

  /** A stream is gone, however it ended. */
  protected abstract onReleased(stream: Http2Stream): void

  /** This side has sent all of a stream, the peer has not. */
  protected onEndedLocal(_stream: Http2Stream): void {}

  /** Tells the peer that a stream, which may be no object here, is not accepted. */
  protected refuse(id: number, code: ErrorCode): void {
    Frame.writeRstStream(this.outbox.writer(), id, code)
    this.forget(id)
    this.floods.count("resets")
  }

  /** This side has reset the stream lately, and the peer may not have known. */
  protected isForgotten(id: number): boolean {
    return this.forgotten?.has(id) === true
  }

  private makeDecoder(): HpackDecoder {
    const { headerTableSize, maxHeaderListSize } = this.limits
    const decoder = new HpackDecoder({ tableSize: headerTableSize, listSize: maxHeaderListSize })
    if (this.isSettled) decoder.onSettled()
    return (this.usedDecoder = decoder)
  }

  private forget(id: number): void {
    this.forgotten ??= new Forgotten()
    this.forgotten.add(id)
  }

  /** The fault of a stream that ends with the connection. */
  protected isUnprocessed(_stream: Http2Stream): boolean {
    return false
  }

  /** The stream is over. What was received of it and not consumed is no longer held against the peer. */
  protected release(stream: Http2Stream): void {
    stream.state = "closed"
    this.streams.remove(stream)
    if (stream.firstChunk !== undefined) this.sender.drop(stream)
    if (stream.unread > 0) this.receiver.consume(stream.unread)
    stream.unread = 0
    this.timeouts.hadStreams = true
    this.onReleased(stream)
  }

  protected override sendWaiting(): void {
    this.sender.pump()
  }

  protected override abandonStreams(): void {
    this.pings?.clear()
    const { code, detail } = this.ended
    for (const stream of this.streams.all()) {
      if (stream.state === "closed") continue
      const unprocessed = this.isUnprocessed(stream)
      this.release(stream)
      try {
        stream.handler.onReset({ code, source: "connection", detail, unprocessed })
      } catch (error) {
        this.onDefect(error)
      }
    }
  }
}

/** What is wrong with a frame for a stream that is idle. */
export const neverOpened = (name: string, id: number): Failure =>
  new Failure(Http2Error.protocolError, `${name} for stream ${id}, which was never opened`)

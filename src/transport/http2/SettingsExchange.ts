/** Both sides' SETTINGS in time (RFC 9113 section 6.5.3): the peer's take effect and are acknowledged, ours wait for it. */
import * as Frame from "./Frame.ts"
import type { Http2Streams } from "./Http2Streams.ts"
import * as Http2Error from "./Http2Error.ts"
import { Http2Error as Failure } from "./Http2Error.ts"
import * as Settings from "./Settings.ts"

/** Of one connection. */
export class SettingsExchange {
  /** Frames of this side that are not acknowledged. */
  private unacknowledged = 0
  private readonly connection: Http2Streams

  constructor(connection: Http2Streams) {
    this.connection = connection
  }

  /** Asks the peer for these settings. */
  send(settings: ReadonlyArray<readonly [id: number, value: number]>): void {
    Settings.write(this.connection.outbox.writer(), settings)
    this.unacknowledged++
    this.connection.timeouts.onSettingsSent()
  }

  /** The peer's settings have come. */
  receive(bytes: Buffer, start: number, end: number): void {
    const { headerSender, outbox, peer, timeouts } = this.connection
    const before = peer.initialWindowSize
    peer.read(bytes, start, end)
    headerSender.resize(peer.smallestTableSize, peer.headerTableSize)
    Settings.writeAck(outbox.writer())
    timeouts.onHandshake()
    if (peer.initialWindowSize !== before) this.widen(peer.initialWindowSize - before)
  }

  /** The peer has acknowledged the oldest frame. Answers whether there was one. */
  acknowledge(): boolean {
    if (this.unacknowledged === 0) return false
    this.unacknowledged--
    if (this.unacknowledged > 0) return true
    this.connection.timeouts.onSettingsAck()
    this.connection.onSettled()
    return true
  }

  /** The windows of all streams change, maybe to below zero (section 6.9.2). */
  private widen(change: number): void {
    const { sender, streams } = this.connection
    for (const stream of streams.all()) {
      stream.sendable += change
      if (stream.sendable >= Frame.limit31) {
        throw new Failure(Http2Error.flowControlError, "INITIAL_WINDOW_SIZE makes a stream's window pass 2^31-1")
      }
      if (stream.firstChunk !== undefined) sender.resume(stream)
    }
  }
}

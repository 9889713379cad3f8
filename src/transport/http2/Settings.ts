/** SETTINGS (RFC 9113 section 6.5): identifiers, what each side assumes at first, reading and writing. */
import type { Writer } from "../../wire/Writer.ts"
import * as Frame from "./Frame.ts"
import * as Http2Error from "./Http2Error.ts"
import { Http2Error as Failure } from "./Http2Error.ts"

/** Octets of the dynamic table that the sender's decoder allows. */
export const headerTableSize = 0x1
/** Whether the sender takes pushed streams: 0 or 1. */
export const enablePush = 0x2
/** Streams that the receiver may have open at once. */
export const maxConcurrentStreams = 0x3
/** Of the windows of streams; a change moves those that are open. */
export const initialWindowSize = 0x4
/** Octets of a frame's payload that the sender takes. */
export const maxFrameSize = 0x5
/** Octets of a header list that the sender takes; advice. */
export const maxHeaderListSize = 0x6

/** Octets of a window, before a peer says otherwise. That of the connection is changed by WINDOW_UPDATE alone. */
export const defaultWindow = 65_535

const entrySize = 6

/** What the peer has asked for: it binds what is sent to it. */
export class Settings {
  headerTableSize = 4096
  /** The smallest that the last frame has said on its way to the one above. */
  smallestTableSize = 4096
  /** Said to be allowed. Only clients may say so. */
  enablePush = false
  maxConcurrentStreams = Infinity
  initialWindowSize = defaultWindow
  maxFrameSize = Frame.minMaxSize
  maxHeaderListSize = Infinity

  /** Takes the entries of a frame, in order. Throws an `Http2Error` for values that no setting may have. */
  read(bytes: Uint8Array, start: number, end: number): void {
    this.smallestTableSize = this.headerTableSize
    for (let at = start; at < end; at += entrySize) {
      this.set((bytes[at]! << 8) | bytes[at + 1]!, Frame.readUint32(bytes, at + 2))
    }
  }

  private set(id: number, value: number): void {
    switch (id) {
      case headerTableSize:
        this.headerTableSize = value
        this.smallestTableSize = Math.min(this.smallestTableSize, value)
        return
      case enablePush:
        if (value > 1) throw new Failure(Http2Error.protocolError, `ENABLE_PUSH is 0 or 1, not ${value}`)
        this.enablePush = value === 1
        return
      case maxConcurrentStreams:
        this.maxConcurrentStreams = value
        return
      case initialWindowSize:
        if (value >= Frame.limit31) {
          throw new Failure(Http2Error.flowControlError, `INITIAL_WINDOW_SIZE is below 2^31, not ${value}`)
        }
        this.initialWindowSize = value
        return
      case maxFrameSize:
        if (value < Frame.minMaxSize || value > Frame.maxMaxSize) {
          throw new Failure(Http2Error.protocolError, `MAX_FRAME_SIZE is 2^14 to 2^24-1, not ${value}`)
        }
        this.maxFrameSize = value
        return
      case maxHeaderListSize:
        this.maxHeaderListSize = value
        return
      // Those that nobody knows are ignored.
    }
  }
}

/** Writes a frame of these settings. */
export const write = (writer: Writer, entries: ReadonlyArray<readonly [id: number, value: number]>): void => {
  let at = Frame.begin(writer, entries.length * entrySize, Frame.settings, Frame.none, 0)
  for (const [id, value] of entries) {
    writer.bytes[at] = id >>> 8
    writer.bytes[at + 1] = id
    Frame.writeUint32(writer.bytes, at + 2, value)
    at += entrySize
  }
}

/** Acknowledges the peer's settings. */
export const writeAck = (writer: Writer): void => {
  Frame.begin(writer, 0, Frame.settings, Frame.ack, 0)
}

/** Whether so many octets are whole entries. */
export const isWhole = (length: number): boolean => length % entrySize === 0

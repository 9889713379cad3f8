/**
 * Sends bodies within the windows of streams and connection (RFC 9113 section 5.2). What does not fit waits at its stream;
 * streams that wait take turns, a frame each. Nothing is sent while the socket's reader is slow.
 */
import type { Writer } from "../../wire/Writer.ts"
import type { Outbox } from "../Outbox.ts"
import * as Frame from "./Frame.ts"
import type { Http2Streams } from "./Http2Streams.ts"
import type { Http2Stream } from "./Http2Stream.ts"
import { SendQueue } from "./SendQueue.ts"
import * as Settings from "./Settings.ts"

/** A part of at least so much is handed to the socket as it is; a smaller one is copied. */
const referenced = 16 * 1024

/** Of one connection. */
export class DataSender {
  /** Octets that may still be sent on the connection. */
  window = Settings.defaultWindow
  /** Octets of bodies that wait for windows. */
  waiting = 0
  /** DATA frames sent, ever. */
  frames = 0
  private readonly connection: Http2Streams
  private readonly outbox: Outbox
  private readonly queue = new SendQueue()
  private begun = 0
  private isPumping = false

  constructor(connection: Http2Streams, outbox: Outbox) {
    this.connection = connection
    this.outbox = outbox
  }

  /** Streams that wait for the connection's window, or for the socket. */
  get queued(): number {
    return this.queue.size
  }

  write(stream: Http2Stream, bytes: Buffer, isLast: boolean): boolean {
    if (bytes.length === 0 && stream.firstChunk !== undefined) return this.keepEnd(stream, isLast)
    const sent = stream.firstChunk === undefined ? this.sendNow(stream, bytes, isLast) : 0
    if (sent === bytes.length && stream.firstChunk === undefined) return true
    return this.keep(stream, bytes, sent, isLast)
  }

  /** Room for the head of a frame, and then the writer. */
  begin(): Writer {
    const writer = this.outbox.writer()
    writer.reserve(Frame.headSize)
    this.begun = writer.position
    writer.position += Frame.headSize
    return writer
  }

  end(stream: Http2Stream, isLast: boolean): boolean {
    const writer = this.outbox.writer()
    const start = this.begun
    const length = writer.position - start - Frame.headSize
    if (
      length > this.connection.peer.maxFrameSize ||
      length > this.window ||
      length > stream.sendable ||
      stream.firstChunk !== undefined ||
      this.outbox.blocked ||
      stream.isEnded
    ) {
      return this.endLater(stream, writer, length, isLast)
    }
    this.window -= length
    stream.sendable -= length
    Frame.writeHead(writer.bytes, start, length, Frame.data, isLast ? Frame.endStream : Frame.none, stream.id)
    this.frames++
    if (isLast) this.connection.endLocal(stream)
    this.outbox.messageWritten()
    return true
  }

  cancel(): void {
    this.outbox.writer().position = this.begun
  }

  /** The peer takes more of a stream. */
  resume(stream: Http2Stream): void {
    if (stream.firstChunk !== undefined && stream.sendable > 0) this.queue.add(stream)
    this.pump()
  }

  /** Sends of what waits as much as the peer takes. */
  pump(): void {
    if (this.isPumping) return
    this.isPumping = true
    try {
      while (this.window > 0 && !this.outbox.blocked) {
        const stream = this.queue.take()
        if (stream === undefined) break
        this.sendNext(stream)
      }
    } finally {
      this.isPumping = false
    }
  }

  /** Forgets what waits. */
  drop(stream: Http2Stream): void {
    for (let chunk = stream.firstChunk; chunk !== undefined; chunk = chunk.next) {
      this.waiting -= chunk.bytes.length - chunk.sent
    }
    stream.firstChunk = stream.lastChunk = stream.ending = undefined
    this.queue.remove(stream)
  }

  private endLater(stream: Http2Stream, writer: Writer, length: number, isLast: boolean): boolean {
    const from = this.begun + Frame.headSize
    const bytes = Buffer.allocUnsafe(length)
    writer.bytes.copy(bytes, 0, from, from + length)
    writer.position = this.begun
    return stream.isEnded || this.write(stream, bytes, isLast)
  }

  /** Answers how much of `bytes` the windows allowed. */
  private sendNow(stream: Http2Stream, bytes: Buffer, isLast: boolean): number {
    const { length } = bytes
    if (length === 0) {
      if (isLast) this.sendFrame(stream, bytes, 0, 0, true)
      return 0
    }
    let sent = 0
    while (sent < length && !this.outbox.blocked) {
      const size = this.frameSize(stream, length - sent)
      if (size <= 0) break
      this.sendFrame(stream, bytes, sent, size, isLast && sent + size === length)
      sent += size
    }
    return sent
  }

  private frameSize(stream: Http2Stream, size: number): number {
    return Math.min(size, this.connection.peer.maxFrameSize, this.window, stream.sendable)
  }

  private sendFrame(stream: Http2Stream, bytes: Buffer, from: number, size: number, isLast: boolean): void {
    const writer = this.outbox.writer()
    const flags = isLast ? Frame.endStream : Frame.none
    this.window -= size
    stream.sendable -= size
    this.frames++
    if (size < referenced) {
      const at = Frame.begin(writer, size, Frame.data, flags, stream.id)
      bytes.copy(writer.bytes, at, from, from + size)
    } else {
      writer.reserve(Frame.headSize)
      Frame.writeHead(writer.bytes, writer.position, size, Frame.data, flags, stream.id)
      writer.position += Frame.headSize
      this.outbox.append(size === bytes.length ? bytes : bytes.subarray(from, from + size))
    }
    if (isLast) this.connection.endLocal(stream)
    this.outbox.messageWritten()
  }

  private keep(stream: Http2Stream, bytes: Buffer, sent: number, isLast: boolean): false {
    const chunk = { bytes, sent, next: undefined }
    if (stream.lastChunk === undefined) stream.firstChunk = chunk
    else stream.lastChunk.next = chunk
    stream.lastChunk = chunk
    stream.isFull = true
    if (isLast) stream.ending = plainEnd
    this.waiting += bytes.length - sent
    if (stream.sendable > 0) this.queue.add(stream)
    return false
  }

  /** An empty part goes with what waits before it: alone it might wait for a window that it does not need. */
  private keepEnd(stream: Http2Stream, isLast: boolean): false {
    if (isLast) stream.ending = plainEnd
    return false
  }

  /** One frame of the stream whose turn it is. */
  private sendNext(stream: Http2Stream): void {
    const chunk = stream.firstChunk
    if (chunk === undefined) return
    const left = chunk.bytes.length - chunk.sent
    const size = this.frameSize(stream, left)
    // Its next turn comes with its WINDOW_UPDATE.
    if (size <= 0) return
    const isEmptied = size === left && chunk.next === undefined
    const { ending } = stream
    const isLast = isEmptied && ending !== undefined && ending.prepared === undefined
    const { bytes, sent } = chunk
    chunk.sent += size
    this.waiting -= size
    if (size === left) stream.firstChunk = chunk.next
    if (isEmptied) stream.lastChunk = stream.ending = undefined
    else if (stream.sendable > size) this.queue.add(stream)
    this.sendFrame(stream, bytes, sent, size, isLast)
    if (!isEmptied) return
    if (ending?.prepared !== undefined) this.connection.headerSender.send(stream, ending.prepared, ending.list, true)
    if (!stream.isFull) return
    stream.isFull = false
    if (ending === undefined) stream.handler.onDrain()
  }
}

/** END_STREAM with the last DATA. */
const plainEnd = { prepared: undefined, list: undefined }

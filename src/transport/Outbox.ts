/**
 * What one connection has to send. Encoders write into a `Writer` that the outbox borrows; all that was written in a
 * read batch, or in one tick outside of one, leaves in one write. An outbox with nothing to send holds no buffer.
 */
import type { Duplex } from "node:stream"
import { Writer } from "../wire/Writer.ts"

/** A free list of writers, one for each server or client: connections borrow from it while they have bytes to send. */
export class Writers {
  private readonly free: Array<Writer> = []

  acquire(): Writer {
    return this.free.pop() ?? new Writer(initialCapacity)
  }

  release(writer: Writer): void {
    if (this.free.length >= maxFree || writer.bytes.length > maxKept) return
    writer.reset()
    this.free.push(writer)
  }
}

const initialCapacity = 16 * 1024
const maxFree = 16
/** A writer that one large message has grown beyond this is not kept. */
const maxKept = 256 * 1024
/** Within a batch, so much is written before the batch ends. */
const flushAt = 64 * 1024

/** Bytes waiting in a socket above which its reader is slow: 256 KiB. */
export const defaultHighWaterMark = 256 * 1024

/** What the owner of a connection hears of a slow reader. Both may be called from within `flush`. */
export interface Flow {
  /** More than the high-water mark waits to be sent: produce no more. */
  readonly onSlowReader: () => void
  /** All of it was sent. */
  readonly onDrained: () => void
}

/** The sending side of one connection. */
export class Outbox {
  /** The reader is slow: `onDrained` has yet to come. */
  blocked = false
  /** How often bytes were handed to the socket. A message written since the last time has provably not left. */
  flushes = 0
  private readonly socket: Duplex
  private readonly writers: Writers
  private readonly flow: Flow
  private readonly highWaterMark: number
  private current: Writer | undefined
  private batching = false
  private scheduled = false
  private closed = false
  /** Bytes that `append` has handed to the corked socket since the last flush; -1 while the socket is not corked. */
  private appended = -1

  constructor(socket: Duplex, writers: Writers, flow: Flow, highWaterMark = defaultHighWaterMark) {
    this.socket = socket
    this.writers = writers
    this.flow = flow
    // Below its own mark a socket does not tell when it is drained.
    this.highWaterMark = Math.max(highWaterMark, socket.writableHighWaterMark)
  }

  /** Where to write the next message, behind what waits there already. It will be sent without further ado. */
  writer(): Writer {
    const current = this.current
    if (current !== undefined) return current
    if (!this.batching && !this.scheduled) {
      this.scheduled = true
      process.nextTick(onTick, this)
    }
    return (this.current = this.writers.acquire())
  }

  /**
   * Sends `bytes` behind what was written so far, in the same write, without copying them: from here on they must not
   * change. Worth it for some KiB and more.
   */
  append(bytes: Buffer): void {
    const writer = this.writer()
    if (this.closed) return
    if (this.appended === -1) {
      this.socket.cork()
      this.appended = 0
    }
    if (writer.position > 0) this.socket.write(writer.toBytes())
    writer.reset()
    this.socket.write(bytes)
    this.appended += bytes.length
  }

  /** Bytes that wait here and in the socket. */
  get size(): number {
    return (this.current?.position ?? 0) + this.socket.writableLength
  }

  /** From here to `endBatch` writes are collected. */
  beginBatch(): void {
    this.batching = true
  }

  endBatch(): void {
    this.batching = false
    if (this.current !== undefined) this.flush()
  }

  /** To be called behind each message of a batch: bounds what the batch collects. */
  messageWritten(): void {
    const { appended, current } = this
    if (current !== undefined && current.position + appended >= flushAt) this.flush()
  }

  /** Sends now what was written so far. */
  flush(): void {
    const writer = this.current
    if (writer === undefined) return
    this.current = undefined
    const corked = this.appended !== -1
    this.appended = -1
    if (!this.closed && !this.socket.destroyed && (corked || writer.position > 0)) this.flushes++
    if (this.closed || writer.position === 0) this.writers.release(writer)
    else this.send(writer)
    if (corked) this.socket.uncork()
    if (this.closed) return
    if (this.blocked || this.socket.writableLength <= this.highWaterMark) return
    this.blocked = true
    this.flow.onSlowReader()
  }

  private send(writer: Writer): void {
    const socket = this.socket
    if (socket.writableLength > 0) {
      // The socket will hold on to these bytes; a copy is as large as they are, the writer's memory much larger.
      socket.write(writer.toBytes())
      return this.writers.release(writer)
    }
    socket.write(writer.bytes.subarray(0, writer.position))
    // When nothing waits, the kernel has copied all and the memory is free again. Otherwise it is the socket's now.
    if (socket.writableLength === 0) this.writers.release(writer)
  }

  /** To be called on the socket's `drain` event. */
  drained(): void {
    if (!this.blocked) return
    this.blocked = false
    this.flow.onDrained()
  }

  /** What is unsent is dropped, and so is all that will be written. */
  close(): void {
    this.closed = true
    if (!this.batching) this.flush()
  }

  /** For the tick that `writer` scheduled. */
  flushScheduled(): void {
    this.scheduled = false
    if (!this.batching) this.flush()
  }
}

// One function for all connections: a scheduled flush allocates nothing but its tick.
const onTick = (outbox: Outbox): void => outbox.flushScheduled()

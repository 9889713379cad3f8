/**
 * The open streams of a connection by their identifiers. A hash table with chains through the streams themselves:
 * identifiers of one side count up by two, so that half of one is as good a hash as any. An empty table holds next to nothing.
 */
import type { Http2Stream } from "./Http2Stream.ts"

const smallest = 8

/** Of one connection. */
export class StreamTable<Stream extends Http2Stream> {
  /** Streams present. */
  size = 0
  private slots: Array<Http2Stream | undefined> = none

  get(id: number): Stream | undefined {
    const { slots } = this
    for (let stream = slots[(id >>> 1) & (slots.length - 1)]; stream !== undefined; stream = stream.nextInSlot) {
      if (stream.id === id) return stream as Stream
    }
    return undefined
  }

  add(stream: Stream): void {
    if (this.size >= this.slots.length) this.resize(Math.max(smallest, this.slots.length * 2))
    this.link(stream)
    this.size++
  }

  remove(stream: Stream): void {
    const { slots } = this
    const slot = (stream.id >>> 1) & (slots.length - 1)
    let before: Http2Stream | undefined
    for (let each = slots[slot]; each !== undefined; before = each, each = each.nextInSlot) {
      if (each !== stream) continue
      if (before === undefined) slots[slot] = stream.nextInSlot
      else before.nextInSlot = stream.nextInSlot
      stream.nextInSlot = undefined
      this.size--
      if (this.size === 0 && slots.length > 1024) this.slots = none
      return
    }
  }

  /** The streams as they are now. */
  all(): Array<Stream> {
    const streams: Array<Stream> = []
    for (const slot of this.slots) {
      for (let stream = slot; stream !== undefined; stream = stream.nextInSlot) streams.push(stream as Stream)
    }
    return streams
  }

  private link(stream: Http2Stream): void {
    const slot = (stream.id >>> 1) & (this.slots.length - 1)
    stream.nextInSlot = this.slots[slot]
    this.slots[slot] = stream
  }

  private resize(length: number): void {
    const streams = this.all()
    this.slots = new Array(length).fill(undefined)
    for (const stream of streams) this.link(stream)
  }
}

const none: Array<Http2Stream | undefined> = []

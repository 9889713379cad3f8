/** Streams that have something to send and wait for their turn. A list through the streams themselves, so that it holds no memory. */
import type { Http2Stream } from "./Http2Stream.ts"

/** Of one connection. */
export class SendQueue {
  /** Streams that wait. */
  size = 0
  private first: Http2Stream | undefined
  private last: Http2Stream | undefined

  /** Puts a stream at the end, unless it waits already. */
  add(stream: Http2Stream): void {
    if (stream.isQueued) return
    stream.isQueued = true
    stream.previousQueued = this.last
    if (this.last === undefined) this.first = stream
    else this.last.nextQueued = stream
    this.last = stream
    this.size++
  }

  /** Takes the stream whose turn it is. */
  take(): Http2Stream | undefined {
    const stream = this.first
    if (stream !== undefined) this.remove(stream)
    return stream
  }

  /** Takes a stream out, wherever it is. */
  remove(stream: Http2Stream): void {
    if (!stream.isQueued) return
    const { nextQueued, previousQueued } = stream
    if (previousQueued === undefined) this.first = nextQueued
    else previousQueued.nextQueued = nextQueued
    if (nextQueued === undefined) this.last = previousQueued
    else nextQueued.previousQueued = previousQueued
    stream.nextQueued = stream.previousQueued = undefined
    stream.isQueued = false
    this.size--
  }
}

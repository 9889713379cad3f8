/**
 * The bytes that one connection has received and not yet consumed, in one piece. A chunk that is consumed whole is never
 * copied, a message in pieces is copied a constant number of times, and an empty inbox holds no memory.
 *
 * Bytes once handed out stay as they are: nothing is moved or overwritten within a buffer.
 */
export class Inbox {
  bytes: Buffer = nothing
  start = 0
  end = 0
  /** The buffer is ours, so there may be room behind `end`. */
  private owned = false

  get length(): number {
    return this.end - this.start
  }

  push(chunk: Buffer): void {
    if (this.start === this.end) {
      this.bytes = chunk
      this.start = 0
      this.end = chunk.length
      this.owned = false
    } else {
      if (!this.owned || this.end + chunk.length > this.bytes.length) this.grow(chunk.length)
      chunk.copy(this.bytes, this.end)
      this.end += chunk.length
    }
  }

  /** Consumes the first `size` bytes. */
  skip(size: number): void {
    this.start += size
    if (this.start === this.end) this.clear()
  }

  clear(): void {
    this.bytes = nothing
    this.start = this.end = 0
    this.owned = false
  }

  private grow(size: number): void {
    const kept = this.length
    // Doubling what is kept bounds the copies by twice the bytes received, however small the pieces.
    const larger = Buffer.allocUnsafeSlow(Math.max(kept * 2, kept + size, 256))
    this.bytes.copy(larger, 0, this.start, this.end)
    this.bytes = larger
    this.start = 0
    this.end = kept
    this.owned = true
  }
}

const nothing = Buffer.alloc(0)

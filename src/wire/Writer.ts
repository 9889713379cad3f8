/**
 * A growing buffer that encoders write into, protocol-neutral. Reused: `reset` keeps the memory. Straight-line encoders
 * call `reserve` once for several small values and then write through `bytes` and `view` at `position`.
 */
export class Writer {
  // Declared only, as in `Reader`.
  declare bytes: Buffer
  declare view: DataView
  position = 0

  constructor(capacity = 4096) {
    this.bytes = Buffer.allocUnsafeSlow(capacity)
    this.view = new DataView(this.bytes.buffer, this.bytes.byteOffset, capacity)
  }

  /** Makes room for `size` more bytes. */
  reserve(size: number): void {
    if (this.position + size > this.bytes.length) this.grow(size)
  }

  private grow(size: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(this.bytes.length * 2, this.position + size))
    this.bytes.copy(larger, 0, 0, this.position)
    this.bytes = larger
    this.view = new DataView(larger.buffer, larger.byteOffset, larger.length)
  }

  reset(): void {
    this.position = 0
  }

  /** A copy of what was written. */
  toBytes(): Buffer {
    const copy = Buffer.allocUnsafe(this.position)
    // Faster than `Buffer.copy` and than a part of the Buffer.
    copy.set(new Uint8Array(this.bytes.buffer, this.bytes.byteOffset, this.position))
    return copy
  }
}

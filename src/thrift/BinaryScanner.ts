import { MessageScanner } from "./MessageScanner.ts"

/** Bytes of a value by its type; 0 where the value tells. Void, 1, is never written. */
const sizes: ReadonlyArray<number | undefined> = [
  undefined,
  undefined,
  1, // bool
  1, // i8
  8, // double
  undefined,
  2, // i16
  undefined,
  4, // i32
  undefined,
  8, // i64
  0, // string
  0, // struct
  0, // map
  0, // set
  0, // list
  16 // uuid
]

/** The values of the Binary protocol (Apache Thrift, doc/specs/thrift-binary-protocol.md). */
export class BinaryScanner extends MessageScanner {
  protected field(at: number): boolean {
    if (at >= this.end) return false
    const type = this.bytes[at]!
    return type === 0 ? this.closeStruct(at + 1) : this.value(type, at + 3)
  }

  protected value(type: number, at: number): boolean {
    const size = this.sizeOf(type)
    if (size > 0) return this.advance(at + size)
    if (type === 11) return at + 4 <= this.end && this.advance(at + 4 + this.size(this.bytes.readInt32BE(at)))
    if (type === 12) return this.openStruct(at)
    return type === 13 ? this.map(at) : this.list(at)
  }

  private list(at: number): boolean {
    if (at + 5 > this.end) return false
    const type = this.bytes[at]!
    const count = this.size(this.bytes.readInt32BE(at + 1))
    // The type of nothing is not looked at: peers write what they like.
    if (count === 0) return this.advance(at + 5)
    const size = this.sizeOf(type)
    return size > 0 ? this.advance(at + 5 + count * size) : this.openContainer(count, type, type, at + 5)
  }

  private map(at: number): boolean {
    if (at + 6 > this.end) return false
    const key = this.bytes[at]!
    const value = this.bytes[at + 1]!
    const count = this.size(this.bytes.readInt32BE(at + 2))
    if (count === 0) return this.advance(at + 6)
    const keySize = this.sizeOf(key)
    const valueSize = this.sizeOf(value)
    return keySize > 0 && valueSize > 0
      ? this.advance(at + 6 + count * (keySize + valueSize))
      : this.openContainer(count * 2, key, value, at + 6)
  }

  private sizeOf(type: number): number {
    return sizes[type] ?? this.unknownType(type)
  }
}

import { CodecError } from "../Codec.ts"
import { MessageScanner } from "./MessageScanner.ts"

/** The values of the Compact protocol (Apache Thrift, doc/specs/thrift-compact-protocol.md). */
export class CompactScanner extends MessageScanner {
  protected field(at: number): boolean {
    if (at >= this.end) return false
    const first = this.bytes[at]!
    const type = first & 0x0f
    if (type === 0) return this.closeStruct(at + 1)
    // Without a delta the field's id follows.
    const value = first < 0x10 ? this.varintEnd(at + 1) : at + 1
    if (value < 0) return false
    // A bool of a field is in its type.
    return type <= 2 ? this.advance(value) : this.value(type, value)
  }

  protected value(type: number, at: number): boolean {
    switch (type) {
      case 1: // bool
      case 2:
      case 3: // i8
        return this.advance(at + 1)
      case 4: // i16
      case 5: // i32
      case 6: // i64
        return this.varint(at)
      case 7: // double
        return this.advance(at + 8)
      case 8: // string
        return this.string(at)
      case 9: // list
      case 10: // set
        return this.list(at)
      case 11:
        return this.map(at)
      case 12:
        return this.openStruct(at)
      case 13: // uuid
        return this.advance(at + 16)
      default:
        return this.unknownType(type)
    }
  }

  private varint(at: number): boolean {
    const end = this.varintEnd(at)
    return end >= 0 && this.advance(end)
  }

  private string(at: number): boolean {
    const end = this.varintEnd(at)
    return end >= 0 && this.advance(end + this.sizeAt(at, end))
  }

  private list(at: number): boolean {
    if (at >= this.end) return false
    const first = this.bytes[at]!
    const type = first & 0x0f
    if (first < 0xf0) return this.values(first >> 4, type, type, at + 1)
    const end = this.varintEnd(at + 1)
    return end >= 0 && this.values(this.sizeAt(at + 1, end), type, type, end)
  }

  private map(at: number): boolean {
    const end = this.varintEnd(at)
    if (end < 0) return false
    const count = this.sizeAt(at, end)
    if (count === 0) return this.advance(end)
    if (end >= this.end) return false
    const types = this.bytes[end]!
    return this.values(count * 2, types >> 4, types & 0x0f, end + 1)
  }

  private values(count: number, type: number, nextType: number, at: number): boolean {
    if (count === 0) return this.advance(at)
    return type <= 3 && type > 0 && nextType === type
      ? this.advance(at + count)
      : this.openContainer(count, type, nextType, at)
  }

  /** Where the varint at `at` ends, or a negative number when that is not among the bytes at hand. */
  private varintEnd(at: number): number {
    for (let i = 0; i < 10; i++) {
      if (at + i >= this.end) return -1
      if (this.bytes[at + i]! < 0x80) return at + i + 1
    }
    throw new CodecError("Malformed", "a varint has more than 10 bytes")
  }

  /** The varint between `at` and `end` as a size: 32 bits, signed. */
  private sizeAt(at: number, end: number): number {
    if (end - at > 5) throw new CodecError("Malformed", "a size has more than 5 bytes")
    let size = 0
    for (let i = 0; i < end - at; i++) size |= (this.bytes[at + i]! & 0x7f) << (7 * i)
    return this.size(size)
  }
}

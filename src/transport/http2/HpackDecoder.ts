/**
 * Decodes header blocks (RFC 7541 section 3). A block that equals an earlier one, with the dynamic table unchanged since,
 * gives the same `Headers` again: peers that repeat themselves cost a comparison of some octets.
 */
import { Headers } from "./Headers.ts"
import * as HpackField from "./HpackField.ts"
import { Field } from "./HpackField.ts"
import * as HpackHuffman from "./HpackHuffman.ts"
import * as HpackStatic from "./HpackStatic.ts"
import * as HpackTable from "./HpackTable.ts"
import * as Http2Error from "./Http2Error.ts"

/** What a peer may ask of the decoder. */
export interface Options {
  /** The largest dynamic table that this side allows: SETTINGS_HEADER_TABLE_SIZE. Default 4,096 octets. */
  readonly tableSize?: number | undefined
  /** The largest header list that is kept: SETTINGS_MAX_HEADER_LIST_SIZE. Default 16,384 octets. */
  readonly listSize?: number | undefined
}

/** See `Options.listSize`. */
export const defaultListSize = 16_384

/** Blocks that are remembered, and how large ones. */
const cacheSize = 8
const maxCached = 256
/** After so many blocks that were not found in a row, few are worth remembering. */
const patience = 64

interface Known {
  readonly bytes: Uint8Array
  readonly headers: Headers
}

/** Of connections that have not decoded any. */
const none: Array<Known> = []

/** Of one connection: its blocks must come in the order in which they were encoded. */
export class HpackDecoder {
  private readonly table = new HpackTable.HpackTable()
  private readonly maxTableSize: number
  /** The peer knows of a table smaller than it assumed at first, and has to say so in its next block (RFC 9113 section 4.3.1). */
  private owesSizeUpdate = false
  private isSettled = false
  private readonly listSize: number
  private known: Array<Known> = none
  private nextKnown = 0
  private misses = 0
  // Where the block that is being decoded stands.
  private bytes: Buffer = nothing
  private at = 0
  private end = 0
  private isValid = true

  constructor(options: Options = {}) {
    this.maxTableSize = options.tableSize ?? HpackTable.defaultSize
    this.listSize = options.listSize ?? defaultListSize
  }

  /** The peer has acknowledged the size of the table. */
  onSettled(): void {
    if (this.isSettled) return
    this.isSettled = true
    this.owesSizeUpdate = this.table.capacity > this.maxTableSize
  }

  /** Throws an `Http2Error` of COMPRESSION_ERROR for what is no block; nothing can be decoded after that. */
  decode(bytes: Buffer, start: number, end: number): Headers {
    if (this.owesSizeUpdate) this.checkSizeUpdate(bytes, start, end)
    const known = this.find(bytes, start, end)
    if (known !== undefined) return known
    const { inserted } = this.table
    this.bytes = bytes
    this.at = start
    this.end = end
    const headers = new Headers()
    const resized = this.readSizeUpdates()
    while (this.at < end) headers.add(this.readField(), this.listSize)
    this.bytes = nothing
    if (resized || this.table.inserted !== inserted) this.forget()
    else this.remember(bytes, start, end, headers)
    return headers
  }

  private checkSizeUpdate(bytes: Buffer, start: number, end: number): void {
    if (start === end || (bytes[start]! & 0xe0) !== 0x20) {
      throw broken(`the table is not made as small as ${this.maxTableSize} octets`)
    }
    this.owesSizeUpdate = false
  }

  private find(bytes: Uint8Array, start: number, end: number): Headers | undefined {
    const { known } = this
    const size = end - start
    for (let i = 0; i < known.length; i++) {
      const { bytes: block, headers } = known[i]!
      if (block.length !== size) continue
      let at = 0
      while (at < size && block[at] === bytes[start + at]) at++
      if (at === size) {
        this.misses = 0
        return headers
      }
    }
    return undefined
  }

  private forget(): void {
    this.known = none
    this.nextKnown = 0
  }

  private remember(bytes: Uint8Array, start: number, end: number, headers: Headers): void {
    const size = end - start
    this.misses++
    if (size > maxCached || headers.isTooLarge || (this.misses > patience && this.misses % 16 !== 0)) return
    const block = new Uint8Array(size)
    for (let at = 0; at < size; at++) block[at] = bytes[start + at]!
    if (this.known === none) this.known = []
    this.known[this.nextKnown] = { bytes: block, headers }
    this.nextKnown = (this.nextKnown + 1) % cacheSize
  }

  /** Changes of the table's size stand at the beginning of a block (RFC 7541 section 4.2). */
  private readSizeUpdates(): boolean {
    let found = false
    while (this.at < this.end && (this.bytes[this.at]! & 0xe0) === 0x20) {
      const size = this.readInteger(5)
      if (size > this.maxTableSize) throw broken(`a table of ${size} octets, where ${this.maxTableSize} are allowed`)
      this.table.resize(size)
      found = true
    }
    return found
  }

  private readField(): Field {
    const first = this.bytes[this.at]!
    if (first >= 0x80) return this.field(this.readInteger(7))
    if (first >= 0x40) {
      const field = this.readLiteral(6)
      this.table.insert(field)
      return field
    }
    if (first >= 0x20) throw broken("a change of the table's size behind a field")
    return this.readLiteral(4)
  }

  private readLiteral(prefix: number): Field {
    const index = this.readInteger(prefix)
    if (index !== 0) {
      const named = this.field(index)
      const value = this.readString(HpackField.isValue)
      return new Field(named.name, value, this.isValid ? named.kind : HpackField.invalid)
    }
    const name = this.readString(HpackField.isName)
    const isNameValid = this.isValid
    const value = this.readString(HpackField.isValue)
    return isNameValid && this.isValid ? new Field(name, value) : new Field(name, value, HpackField.invalid)
  }

  private field(index: number): Field {
    const field =
      index <= HpackStatic.size ? HpackStatic.fields[index - 1] : this.table.at(index - HpackStatic.size - 1)
    if (field === undefined) throw broken(`index ${index} stands for nothing`)
    return field
  }

  /** RFC 7541 section 5.1. */
  private readInteger(prefix: number): number {
    const { bytes } = this
    const mask = (1 << prefix) - 1
    let value = bytes[this.at++]! & mask
    if (value < mask) return value
    for (let shift = 0; shift < 28; shift += 7) {
      if (this.at >= this.end) throw broken("the block ends within an integer")
      const octet = bytes[this.at++]!
      value += (octet & 0x7f) << shift
      if (octet < 0x80) return value
    }
    throw broken("an integer beyond all reason")
  }

  /** RFC 7541 section 5.2. Leaves in `isValid` what `check` says of the octets. */
  private readString(check: (bytes: Uint8Array, start: number, end: number) => boolean): string {
    if (this.at >= this.end) throw broken("the block ends before a string")
    const isHuffman = this.bytes[this.at]! >= 0x80
    const size = this.readInteger(7)
    const start = this.at
    if (size > this.end - start) throw broken("the block ends within a string")
    this.at += size
    if (!isHuffman) {
      this.isValid = check(this.bytes, start, start + size)
      return this.bytes.toString("latin1", start, start + size)
    }
    const room = HpackHuffman.maxDecoded(size)
    const target = room <= scratch.length ? scratch : Buffer.allocUnsafe(room)
    const length = HpackHuffman.decode(this.bytes, start, start + size, target)
    if (length === -1) throw broken("a string that is no Huffman code")
    this.isValid = check(target, 0, length)
    return target.toString("latin1", 0, length)
  }
}

const nothing = Buffer.alloc(0)
// What one string is decoded into before it becomes one; decoding is synchronous.
const scratch = Buffer.allocUnsafeSlow(4096)

const broken = (detail: string): Http2Error.Http2Error =>
  new Http2Error.Http2Error(Http2Error.compressionError, `a header block cannot be decoded: ${detail}`)

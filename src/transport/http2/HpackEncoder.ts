/**
 * Encodes header blocks (RFC 7541 section 3). Fields that are the same in message after message are prepared once: a
 * connection puts them into its dynamic table when it first sends them, and from then on copies some octets. All other
 * fields go as literals and leave the table alone. The table is never evicted from, so what was encoded stays true.
 */
import type { Writer } from "../../wire/Writer.ts"
import type { HeaderList } from "./Headers.ts"
import { Field } from "./HpackField.ts"
import * as HpackHuffman from "./HpackHuffman.ts"
import * as HpackStatic from "./HpackStatic.ts"
import { defaultSize, HpackTable } from "./HpackTable.ts"

/** The constant fields of a kind of message, in the order in which they are sent. Make one and keep it. */
export class Prepared {
  readonly fields: ReadonlyArray<Field>
  /** As SETTINGS_MAX_HEADER_LIST_SIZE counts it. */
  readonly size: number
  /** Of a request. */
  readonly method: string | undefined

  constructor(list: HeaderList) {
    const fields: Array<Field> = []
    for (let at = 0; at + 1 < list.length; at += 2) fields.push(new Field(list[at]!, list[at + 1]!))
    this.fields = fields
    this.size = fields.reduce((size, field) => size + field.size, 0)
    this.method = fields.find(({ name }) => name === ":method")?.value
  }
}

/** Prepares constant fields. Throws for what `check` finds fault with. */
export const prepare = (list: HeaderList): Prepared => {
  const fault = check(list)
  if (fault !== undefined) throw new TypeError(fault)
  return new Prepared(list)
}

/** What is wrong with fields to be sent: capitals or other characters that no name may hold, a value with a line's end. */
export const check = (list: HeaderList): string | undefined => {
  if (list.length % 2 === 1) return "the name of the last header field has no value"
  for (let at = 0; at < list.length; at += 2) {
    const name = list[at]!
    const value = list[at + 1]!
    if (!isName(name)) return `${JSON.stringify(name)} is no name of a header field; names are lower-case tokens`
    if (!isValue(value)) return `the value of ${name} holds a character that no header field may hold`
  }
  return undefined
}

const isName = (name: string): boolean => /^:?[!#$%&'*+\-.^_`|~0-9a-z]+$/.test(name)

const isValue = (value: string): boolean => {
  for (let i = 0; i < value.length; i++) {
    const code = value.charCodeAt(i)
    if (code > 0xff || code === 0 || code === 0x0a || code === 0x0d) return false
  }
  return true
}

/** Prepared fields that one connection remembers the encoding of. */
const maxRemembered = 256

interface Encoded {
  /** `inserted` of the table when it was encoded. */
  readonly version: number
  readonly bytes: Uint8Array
}

/** Of one connection: its blocks must leave in the order in which they were encoded. */
export class HpackEncoder {
  private readonly table = new HpackTable(defaultSize)
  private encoded: Map<Prepared, Encoded> | undefined
  /** What the peer allows, and at most `defaultSize`. */
  private allowed = defaultSize
  private isResized = false

  /** The peer allows a table of this size: its SETTINGS_HEADER_TABLE_SIZE. */
  resize(size: number): void {
    const allowed = Math.min(size, defaultSize)
    if (allowed === this.allowed) return
    this.allowed = allowed
    this.isResized = true
  }

  /** Writes a block: the prepared fields, then the others. */
  encode(writer: Writer, prepared: Prepared, list: HeaderList | undefined): void {
    if (this.isResized) this.startOver(writer)
    const encoded = this.encoded?.get(prepared)
    if (encoded !== undefined && encoded.version === this.table.inserted) this.copy(writer, encoded.bytes)
    else this.encodePrepared(writer, prepared)
    if (list === undefined) return
    for (let at = 0; at < list.length; at += 2) this.writeLiteral(writer, list[at]!, list[at + 1]!)
  }

  private copy(writer: Writer, block: Uint8Array): void {
    writer.reserve(block.length)
    const { bytes, position } = writer
    for (let at = 0; at < block.length; at++) bytes[position + at] = block[at]!
    writer.position = position + block.length
  }

  private encodePrepared(writer: Writer, prepared: Prepared): void {
    const start = writer.position
    const version = this.table.inserted
    for (const field of prepared.fields) this.writeField(writer, field)
    // A block that changed the table is true this once only.
    if (this.table.inserted !== version) return
    const encoded = (this.encoded ??= new Map())
    if (encoded.size >= maxRemembered) encoded.clear()
    encoded.set(prepared, { version, bytes: Uint8Array.from(writer.bytes.subarray(start, writer.position)) })
  }

  /** Empties the table, which the change of its size to nothing does on the other side too, and takes the new size. */
  private startOver(writer: Writer): void {
    this.isResized = false
    this.encoded = undefined
    this.table.resize(0)
    this.table.resize(this.allowed)
    writer.reserve(8)
    writer.bytes[writer.position++] = 0x20
    writer.position = writeInteger(writer.bytes, writer.position, 5, 0x20, this.allowed)
  }

  private writeField(writer: Writer, field: Field): void {
    writer.reserve(16)
    const index = HpackStatic.indexOf(field.name, field.value) || this.find(field)
    if (index > 0) {
      writer.position = writeInteger(writer.bytes, writer.position, 7, 0x80, index)
      return
    }
    const isIndexed = this.table.hasRoom(field)
    const name = HpackStatic.indexOfName(field.name)
    writer.position = isIndexed
      ? writeInteger(writer.bytes, writer.position, 6, 0x40, name)
      : writeInteger(writer.bytes, writer.position, 4, 0x00, name)
    if (name === 0) writeCompact(writer, field.name)
    writeCompact(writer, field.value)
    if (isIndexed) this.table.insert(field)
  }

  /** The index of a field in the dynamic table; 0 where it is not there. */
  private find(field: Field): number {
    const { table } = this
    for (let at = 0; at < table.length; at++) {
      const entry = table.at(at)!
      if (entry === field || (entry.name === field.name && entry.value === field.value))
        return HpackStatic.size + 1 + at
    }
    return 0
  }

  /** A field that is not worth, or not safe, to remember. */
  private writeLiteral(writer: Writer, name: string, value: string): void {
    writer.reserve(16)
    const index = HpackStatic.indexOfName(name)
    writer.position = writeInteger(writer.bytes, writer.position, 4, 0x00, index)
    if (index === 0) writePlain(writer, name)
    writePlain(writer, value)
  }
}

/** RFC 7541 section 5.1, with the bits of `flags` around the prefix. Needs room for 6 octets. Answers where it ends. */
export const writeInteger = (bytes: Uint8Array, at: number, prefix: number, flags: number, value: number): number => {
  const mask = (1 << prefix) - 1
  if (value < mask) {
    bytes[at] = flags | value
    return at + 1
  }
  bytes[at] = flags | mask
  let rest = value - mask
  let position = at + 1
  while (rest >= 0x80) {
    bytes[position++] = (rest & 0x7f) | 0x80
    rest >>>= 7
  }
  bytes[position] = rest
  return position + 1
}

/** A string without the Huffman code: less of the processor, more of the network. */
const writePlain = (writer: Writer, text: string): void => {
  const size = text.length
  writer.reserve(size + 6)
  const { bytes } = writer
  const at = writeInteger(bytes, writer.position, 7, 0x00, size)
  if (size <= 24) for (let i = 0; i < size; i++) bytes[at + i] = text.charCodeAt(i)
  else bytes.write(text, at, size, "latin1")
  writer.position = at + size
}

/** A string with the Huffman code where that is shorter. */
const writeCompact = (writer: Writer, text: string): void => {
  const size = HpackHuffman.encodedSize(text)
  if (size >= text.length) return writePlain(writer, text)
  writer.reserve(size + 6)
  const at = writeInteger(writer.bytes, writer.position, 7, 0x80, size)
  writer.position = HpackHuffman.encode(text, writer.bytes, at)
}

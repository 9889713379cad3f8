/** The five octets before each message (grpc/doc/PROTOCOL-HTTP2.md, "Length-Prefixed-Message"): whether it is compressed, and its length. */
import type { Writer } from "../wire/Writer.ts"
import * as Status from "./Status.ts"
import * as StatusCode from "./StatusCode.ts"

/** Octets before a message. */
export const prefixSize = 5

/** The largest message that is taken, in octets, where nothing else is said: 4 MiB. */
export const defaultMaxSize = 4 * 1024 * 1024

/** One message, as it was sent. */
export interface Message {
  readonly isCompressed: boolean
  /** Holds the message, and perhaps more. */
  readonly bytes: Buffer
  readonly start: number
  readonly end: number
}

/** The message alone. */
export const bytesOf = ({ bytes, end, start }: Message): Buffer =>
  start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end)

/** The peer's bytes are no messages, or too large ones. Thrown while they are read; the call ends with `status`. */
export class EnvelopeError extends Error {
  readonly status: Status.Status
  constructor(status: Status.Status) {
    super(status.message)
    this.status = status
  }
}

/** That a message is larger than what is taken. */
export const tooLarge = (size: number | undefined, maxSize: number): EnvelopeError =>
  new EnvelopeError(
    Status.make(
      StatusCode.resourceExhausted,
      `a message of ${size === undefined ? `more than ${maxSize}` : size} bytes, where at most ${maxSize} are taken; send less or raise the limit`
    )
  )

const badFlag = (flag: number): EnvelopeError =>
  new EnvelopeError(
    Status.make(StatusCode.internal, `a message begins with the flag ${flag}, which is neither 0 nor 1`)
  )

/** Makes room for a prefix, and answers where the message begins. */
export const begin = (writer: Writer): number => {
  writer.reserve(prefixSize)
  return (writer.position += prefixSize)
}

/** Writes the prefix of the message that began at `start` and ends here. */
export const end = (writer: Writer, start: number, isCompressed: boolean): void =>
  writePrefix(writer.bytes, start - prefixSize, isCompressed, writer.position - start)

/** Writes a prefix at `at`. */
export const writePrefix = (bytes: Uint8Array, at: number, isCompressed: boolean, size: number): void => {
  bytes[at] = isCompressed ? 1 : 0
  bytes[at + 1] = size >>> 24
  bytes[at + 2] = size >>> 16
  bytes[at + 3] = size >>> 8
  bytes[at + 4] = size
}

/** The length that a prefix at `at` announces. */
export const sizeAt = (bytes: Uint8Array, at: number): number =>
  bytes[at + 1]! * 0x100_0000 + ((bytes[at + 2]! << 16) | (bytes[at + 3]! << 8) | bytes[at + 4]!)

/**
 * Cuts a stream of bytes into messages. Those that lie within one chunk stay there; a message in pieces is copied
 * together once, into memory that grows with what has arrived, to six times that at most, and not with what was announced.
 */
export class Splitter {
  private readonly maxSize: number
  private readonly prefix = Buffer.alloc(prefixSize)
  private prefixFilled = 0
  /** Of the message that has begun. */
  private size = 0
  private body: Buffer = nothing
  private filled = 0
  private isCompressed = false

  constructor(maxSize: number) {
    this.maxSize = maxSize
  }

  /** A message has begun and not ended. */
  get isMidway(): boolean {
    return this.prefixFilled > 0
  }

  /** Adds the messages that `chunk` completes to `into`. Throws an `EnvelopeError`, and is not to be used again then. */
  push(chunk: Buffer, into: Array<Message>): void {
    let at = 0
    if (this.prefixFilled > 0) {
      at = this.fill(chunk, 0)
      if (this.prefixFilled < prefixSize || this.filled < this.size) return
      this.finish(into)
    }
    while (chunk.length - at >= prefixSize) {
      this.open(chunk, at)
      const start = at + prefixSize
      if (chunk.length - start < this.size) break
      at = start + this.size
      into.push({ isCompressed: this.isCompressed, bytes: chunk, start, end: at })
    }
    if (at < chunk.length) this.fill(chunk, at)
  }

  /** Takes in what belongs to the message that has begun, from `at` on, and answers where that ends. */
  private fill(chunk: Buffer, at: number): number {
    while (this.prefixFilled < prefixSize) {
      if (at === chunk.length) return at
      this.prefix[this.prefixFilled++] = chunk[at++]!
      if (this.prefixFilled === prefixSize) this.open(this.prefix, 0)
    }
    const end = Math.min(chunk.length, at + this.size - this.filled)
    this.grow(this.filled + end - at)
    chunk.copy(this.body, this.filled, at, end)
    this.filled += end - at
    return end
  }

  private open(bytes: Uint8Array, at: number): void {
    const flag = bytes[at]!
    if (flag > 1) throw badFlag(flag)
    this.isCompressed = flag === 1
    this.size = sizeAt(bytes, at)
    if (this.size > this.maxSize) throw tooLarge(this.size, this.maxSize)
  }

  // By four, since each step copies all that there is, and at once to the end when that is near.
  private grow(needed: number): void {
    if (needed <= this.body.length) return
    const room = this.size <= Math.max(needed * 6, leastRoom) ? this.size : Math.max(needed * 4, leastRoom)
    const larger = Buffer.allocUnsafeSlow(room)
    this.body.copy(larger, 0, 0, this.filled)
    this.body = larger
  }

  private finish(into: Array<Message>): void {
    into.push({ isCompressed: this.isCompressed, bytes: this.body, start: 0, end: this.size })
    this.body = nothing
    this.prefixFilled = this.filled = this.size = 0
  }
}

const nothing = Buffer.alloc(0)

/** A message in pieces gets at least so much room, or what it needs. */
const leastRoom = 16 * 1024

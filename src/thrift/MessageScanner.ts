/**
 * Finds the end of a message without a frame: walks over its values and decodes none. When the bytes end too early it
 * remembers where it stood, so that a message in many pieces is still walked over once.
 */
import { CodecError } from "../Codec.ts"
import { Reader } from "../wire/Reader.ts"
import type { Limits } from "./Framing.ts"
import * as Message from "./Message.ts"

/** A struct or container that is open. A struct ends with a stop field; of a container `left` values are to come. */
interface Open {
  isStruct: boolean
  left: number
  /** Types of the values in turn: a map's keys and values, or one type twice. */
  type: number
  nextType: number
}

/** The walk is the same for all protocols; how a field begins and what a value looks like is not. */
export abstract class MessageScanner {
  protected bytes: Buffer = nothing
  protected end = 0
  private start = 0
  /** Bytes of the message that have been walked over; 0 while the header has not been seen whole. */
  private done = 0
  private depth = 0
  private readonly open: Array<Open> = []
  private readonly reader = new Reader()
  private readonly head = new Message.Head()
  private readonly protocol: Message.Protocol
  private readonly limits: Limits

  constructor(protocol: Message.Protocol, limits: Limits) {
    this.protocol = protocol
    this.limits = limits
  }

  /**
   * The size of the message that begins at `start`, or a negative number when the bytes end before it does; then the next
   * scan must be of the same message with more bytes. Throws `CodecError`.
   */
  scan(bytes: Buffer, start: number, end: number): number {
    this.bytes = bytes
    this.start = start
    this.end = end
    const size = this.walk() ? this.done : -1
    this.bytes = nothing
    if (size >= 0) this.done = 0
    return size
  }

  /** Walks over the next field of a struct; false when the bytes end before its size is known. */
  protected abstract field(at: number): boolean

  /** The same for a value of the type. */
  protected abstract value(type: number, at: number): boolean

  /** All before `at` has been walked over; `at` may lie behind the bytes at hand. */
  protected advance(at: number): true {
    this.done = at - this.start
    if (this.done > this.limits.messageSize) this.tooLarge(this.done)
    return true
  }

  protected openStruct(at: number): boolean {
    return at <= this.end && this.push(true, 0, 0, 0, at)
  }

  /** Opens a container with `count` values, of which each takes at least a byte. */
  protected openContainer(count: number, type: number, nextType: number, at: number): true {
    if (at - this.start + count > this.limits.messageSize) this.tooLarge(at - this.start + count)
    return this.push(false, count, type, nextType, at)
  }

  protected closeStruct(at: number): true {
    this.depth--
    return this.advance(at)
  }

  protected unknownType(type: number): never {
    throw new CodecError("Malformed", `${type} is no type of a value (byte ${this.done} of the message)`)
  }

  protected size(size: number): number {
    if (size < 0) throw new CodecError("Malformed", `the size ${size} is negative (byte ${this.done} of the message)`)
    return size
  }

  private walk(): boolean {
    if (this.done === 0 && !this.header()) return false
    while (this.depth > 0) {
      const open = this.open[this.depth - 1]!
      if (!(open.isStruct ? this.field(this.start + this.done) : this.element(open))) return false
    }
    return this.start + this.done <= this.end
  }

  private element(open: Open): boolean {
    if (open.left === 0) {
      this.depth--
      return true
    }
    const { type } = open
    if (!this.value(type, this.start + this.done)) return false
    open.left--
    open.type = open.nextType
    open.nextType = type
    return true
  }

  private header(): boolean {
    this.reader.reset(this.bytes, this.start, this.end)
    try {
      Message.readHead(this.reader, this.protocol, this.head)
    } catch (error) {
      if (!(error instanceof CodecError) || error.reason !== "Truncated") throw error
      if (this.end - this.start > this.limits.messageSize) this.tooLarge(this.end - this.start)
      return false
    }
    this.depth = 0
    return this.push(true, 0, 0, 0, this.reader.position)
  }

  private push(isStruct: boolean, left: number, type: number, nextType: number, at: number): true {
    if (this.depth > this.limits.depth) {
      throw new CodecError("LimitExceeded", `a message is nested deeper than ${this.limits.depth} levels`)
    }
    const open = (this.open[this.depth++] ??= { isStruct, left, type, nextType })
    open.isStruct = isStruct
    open.left = left
    open.type = type
    open.nextType = nextType
    return this.advance(at)
  }

  private tooLarge(size: number): never {
    const { messageSize } = this.limits
    throw new CodecError("LimitExceeded", `a message has ${size} bytes or more; at most ${messageSize} are accepted`)
  }
}

const nothing = Buffer.alloc(0)

import { CodecError } from "../Codec.ts"

/** Bounds on what a decoder accepts, besides the size of its input. */
export interface Limits {
  /** Nesting of structs and containers. Default 64. */
  readonly depth: number
}

/** What a reader is held to when nothing else is said. */
export const defaultLimits: Limits = { depth: 64 }

/**
 * A window on bytes that decoders read from, protocol-neutral. Reused: `reset` moves the window. Reading beyond `end`
 * is a `CodecError`, whatever lies behind it in memory.
 */
export class Reader {
  // Declared only: a field that is undefined before the constructor sets it is one of which the engine's compiler assumes
  // nothing later, and checks what it holds at every use.
  declare bytes: Buffer
  declare view: DataView
  declare position: number
  declare end: number
  /** Levels of nesting still allowed. */
  declare depth: number
  /** Bytes from `stretchStart` on as Latin-1, from which `Text` cuts short strings; "" when there is none. */
  stretch = ""
  stretchStart = 0
  /** Short strings that were read outside of any stretch since the last was made. */
  strays = 0
  declare readonly limits: Limits

  constructor(bytes: Uint8Array = new Uint8Array(0), limits: Limits = defaultLimits) {
    this.limits = limits
    this.bytes = toBuffer(bytes)
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.position = 0
    this.end = bytes.byteLength
    this.depth = limits.depth
  }

  /** Reads `bytes` from `start` to `end` next. */
  reset(bytes: Buffer, start: number, end: number): void {
    if (bytes !== this.bytes) {
      this.bytes = bytes
      this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    }
    this.position = start
    this.end = end
    this.depth = this.limits.depth
    this.stretch = ""
    this.strays = 0
  }

  /** Asserts that `size` more bytes are there. */
  need(size: number): void {
    if (size > this.end - this.position) this.truncated()
  }

  /** Goes one level deeper, into a struct or container. Whoever comes out of it adds 1 to `depth` again. */
  enter(): void {
    if (--this.depth < 0) this.tooDeep()
  }

  truncated(): never {
    throw new CodecError("Truncated", `the input ends at byte ${this.end}, inside a value`)
  }

  private tooDeep(): never {
    throw new CodecError(
      "LimitExceeded",
      `structs and containers nest deeper than ${this.limits.depth} levels at byte ${this.position}; raise the limit on depth if that is meant`
    )
  }
}

const toBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)

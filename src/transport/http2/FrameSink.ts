/** What reading hands on: frames that keep to the rules of their type, for whoever knows what they mean. */
import type * as GoAway from "./GoAway.ts"
import type { ErrorCode } from "./Http2Error.ts"
import type { Http2Stream } from "./Http2Stream.ts"

/** What frames mean is somebody else's. Each may throw an `Http2Error`, which ends the connection. */
export interface FrameSink {
  /** A header block is complete. `flags` are those of its HEADERS frame. */
  onHeaders(id: number, flags: number, bytes: Buffer, start: number, end: number): void
  /** A DATA frame begins that counts `size` octets in the windows, `padding` of them for nothing. Undefined: it is ignored. */
  beginData(id: number, size: number, padding: number): Http2Stream | undefined
  /** Octets of that frame; the last ones of the stream or not. */
  onData(stream: Http2Stream, bytes: Buffer, start: number, end: number, isLast: boolean): void
  /** The frame has ended the stream. */
  endData(stream: Http2Stream): void
  onRstStream(id: number, code: ErrorCode): void
  onSettings(bytes: Buffer, start: number, end: number): void
  onSettingsAck(): void
  onPing(bytes: Buffer, at: number): void
  onPingAck(bytes: Buffer, at: number): void
  onGoAway(goAway: GoAway.GoAway): void
  onWindowUpdate(id: number, increment: number): void
  /** A frame that does nothing. */
  onEmptyFrame(): void
  /** A frame breaks a rule that concerns its stream alone. */
  onStreamError(id: number, code: ErrorCode, detail: string): void
}

/** Sends header blocks: HEADERS, and CONTINUATION where a block is larger than a frame (RFC 9113 sections 6.2 and 6.10). */
import type { Writer } from "../../wire/Writer.ts"
import * as Frame from "./Frame.ts"
import type { HeaderList } from "./Headers.ts"
import { HpackEncoder, type Prepared } from "./HpackEncoder.ts"
import { overhead } from "./HpackField.ts"
import { defaultSize } from "./HpackTable.ts"
import type { Http2Streams } from "./Http2Streams.ts"
import type { Http2Stream } from "./Http2Stream.ts"

/** Of one connection. */
export class HeaderSender {
  /** Made when it is needed: silent connections are to be small. */
  private encoder: HpackEncoder | undefined
  private readonly connection: Http2Streams

  constructor(connection: Http2Streams) {
    this.connection = connection
  }

  /**
   * Why the peer would not take these fields: it has said how large a header list may be (SETTINGS_MAX_HEADER_LIST_SIZE).
   * Undefined where it would, or has said nothing.
   */
  faultOf(prepared: Prepared, list: HeaderList | undefined): string | undefined {
    const limit = this.connection.peer.maxHeaderListSize
    if (limit === Infinity) return undefined
    const size = prepared.size + (list === undefined ? 0 : sizeOf(list))
    return size <= limit
      ? undefined
      : `a header list of ${size} octets, where the peer takes ${limit}; send less metadata`
  }

  /** The peer has changed its SETTINGS_HEADER_TABLE_SIZE, perhaps on its way to `size` to the smaller `smallest`. */
  resize(smallest: number, size: number): void {
    if (this.encoder === undefined && smallest === defaultSize && size === defaultSize) return
    this.encoder ??= new HpackEncoder()
    this.encoder.resize(smallest)
    this.encoder.resize(size)
  }

  /** Sends the constant fields and then the others, as the last of the stream or not. */
  send(stream: Http2Stream, prepared: Prepared, list: HeaderList | undefined, isLast: boolean): void {
    const { outbox, peer } = this.connection
    const writer = outbox.writer()
    writer.reserve(Frame.headSize)
    const start = writer.position
    writer.position += Frame.headSize
    this.encoder ??= new HpackEncoder()
    this.encoder.encode(writer, prepared, list)
    const length = writer.position - start - Frame.headSize
    const flags = isLast ? Frame.endStream : Frame.none
    if (length > peer.maxFrameSize) split(writer, stream.id, start, flags, peer.maxFrameSize)
    else Frame.writeHead(writer.bytes, start, length, Frame.headers, flags | Frame.endHeaders, stream.id)
    if (isLast) this.connection.endLocal(stream)
    outbox.messageWritten()
  }
}

const sizeOf = (list: HeaderList): number => {
  let size = (list.length / 2) * overhead
  for (let at = 0; at < list.length; at++) size += list[at]!.length
  return size
}

const split = (writer: Writer, id: number, start: number, flags: number, size: number): void => {
  const block = Buffer.from(writer.bytes.subarray(start + Frame.headSize, writer.position))
  writer.position = start
  for (let at = 0; at < block.length; at += size) {
    const end = Math.min(at + size, block.length)
    const type = at === 0 ? Frame.headers : Frame.continuation
    const last = end === block.length ? Frame.endHeaders : Frame.none
    const payload = Frame.begin(writer, end - at, type, last | (at === 0 ? flags : Frame.none), id)
    block.copy(writer.bytes, payload, at, end)
  }
}

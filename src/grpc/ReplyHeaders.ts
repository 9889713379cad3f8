/** The header blocks of answers that are the same call after call, prepared once. */
import type { HeaderList } from "../transport/http2/Headers.ts"
import * as HpackEncoder from "../transport/http2/HpackEncoder.ts"
import { encodeBinary } from "./BinaryHeader.ts"
import type { Encoding } from "./Compression.ts"
import * as PercentEncoding from "./PercentEncoding.ts"
import type { Status } from "./Status.ts"
import * as StatusDetails from "./StatusDetails.ts"

type Prepared = HpackEncoder.Prepared

/** Of a message, in characters: more would not fit into the header lists that peers take. */
const maxMessage = 2000

const trailers = Array.from({ length: 17 }, (_, code) => HpackEncoder.prepare(["grpc-status", `${code}`]))

/** The block behind the messages, apart from what `fields` says. */
export const trailersOf = (code: number): Prepared => trailers[code]!

/** Message, details and business status, the fields that not all statuses have. */
export const fields = (status: Status, list: Array<string>): void => {
  const { biz, code, details } = status
  const message = status.message.slice(0, maxMessage)
  if (message !== "") list.push("grpc-message", PercentEncoding.encode(message))
  if (details.length > 0) {
    list.push("grpc-status-details-bin", encodeBinary(StatusDetails.encode({ code, message, details })))
  }
  if (biz === undefined) return
  list.push("biz-status", `${biz.code}`)
  // In JSON only strings may hold characters beyond ASCII, and there they may be escaped.
  if (biz.extra.size > 0) list.push("biz-extra", toAscii(JSON.stringify(Object.fromEntries(biz.extra))))
}

const toAscii = (json: string): string =>
  json.replaceAll(/[\x7f-\uffff]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`)

/** For answers of one content-type and one encoding. */
export class ReplyHeaders {
  /** What the messages are compressed with, those that are. */
  readonly encoding: Encoding | undefined
  /** The block before the messages. */
  readonly initial: Prepared
  private readonly common: HeaderList
  private readonly only: Array<Prepared | undefined> = []

  constructor(contentType: string, acceptEncoding: string, encoding: Encoding | undefined) {
    this.encoding = encoding
    this.common = [":status", "200", "content-type", contentType, "grpc-accept-encoding", acceptEncoding]
    this.initial = HpackEncoder.prepare(
      encoding === undefined ? this.common : [...this.common, "grpc-encoding", encoding]
    )
  }

  /** The one block of an answer without messages (Trailers-Only), apart from what `fields` says. */
  onlyOf(code: number): Prepared {
    return (this.only[code] ??= HpackEncoder.prepare([...this.common, "grpc-status", `${code}`]))
  }
}

/**
 * Metadata and metainfo as header fields, both ways (grpc/doc/PROTOCOL-HTTP2.md, "Custom-Metadata"). Text goes as it is,
 * bytes under keys that end in `-bin`, in base64.
 */
import * as Metadata from "../Metadata.ts"
import type * as Metainfo from "../Metainfo.ts"
import { decodeBinary, encodeBinary } from "./BinaryHeader.ts"
import * as MetainfoHeaders from "./MetainfoHeaders.ts"

/** Field names and values in turn, as HTTP/2 has them. */
export type HeaderList = ReadonlyArray<string>

/** Fields that belong to the protocol, so that no metadata may have their names. */
const reserved: ReadonlySet<string> = new Set([
  "te",
  "host",
  "connection",
  "keep-alive",
  "proxy-connection",
  "transfer-encoding",
  "upgrade",
  "content-length",
  "content-type",
  "content-encoding",
  "accept-encoding",
  "user-agent"
])

/** Whether a name in lower case is the protocol's own. */
export const isReserved = (name: string): boolean => name.startsWith("grpc-") || reserved.has(name)

const isKey = (key: string): boolean => /^[0-9a-z_.-]+$/.test(key)

const isText = (value: string): boolean => /^[\x20-\x7e]*$/.test(value)

const isTrimmed = (value: string): boolean => !value.startsWith(" ") && !value.endsWith(" ")

/** A trailer by which handlers say when a call may be made again, or with -1 that it may not (gRFC A6). */
const pushback = "grpc-retry-pushback-ms"

/** What is wrong with an entry that is to be sent; undefined when nothing is. */
export const check = (key: string, value: Metadata.Value): string | undefined => {
  if (!isKey(key)) return `"${key}" is no key of metadata; use letters, digits, "-", "_" and "."`
  if ((isReserved(key) && key !== pushback) || MetainfoHeaders.isReserved(key))
    return `the key "${key}" belongs to the protocol; use another`
  if (key.endsWith("-bin")) {
    return typeof value === "string" ? `"${key}" ends in -bin, so its value must be bytes (a Uint8Array)` : undefined
  }
  if (typeof value !== "string") return `the value of "${key}" is bytes, so the key must end in -bin`
  if (!isText(value)) return `the value of "${key}" is not printable ASCII; send bytes under "${key}-bin"`
  // RFC 9113, 8.2.1: a field value with blanks at its ends is malformed.
  return isTrimmed(value) ? undefined : `the value of "${key}" has blanks at its ends; send bytes under "${key}-bin"`
}

/** Adds the fields of metadata to `list`. Answers what is wrong with the first entry that cannot be sent. */
export const append = (list: Array<string>, metadata: Metadata.Metadata): string | undefined => {
  for (const [key, value] of metadata.entries) {
    const fault = check(key, value)
    if (fault !== undefined) return fault
    list.push(key, typeof value === "string" ? value : encodeBinary(value))
  }
  return undefined
}

/** What arrived beside a message. */
export interface Decoded {
  readonly metadata: Metadata.Metadata
  readonly metainfo: Metainfo.Metainfo
  /** Metainfo that returns with a reply. */
  readonly backward: Metainfo.Entries
}

/** Of the fields that are not the protocol's own. Values of `-bin` keys that are no base64 make the key come without them. */
export const decode = (list: HeaderList): Decoded => {
  const entries: Array<readonly [string, Metadata.Value]> = []
  const info = new MetainfoHeaders.Collected()
  for (let at = 0; at + 1 < list.length; at += 2) {
    const name = list[at]!
    const value = list[at + 1]!
    if (isReserved(name) || name.startsWith(":") || info.take(name, value)) continue
    if (name.endsWith("-bin")) decodeBinaries(entries, name, value)
    else entries.push([name, value])
  }
  return {
    metadata: entries.length === 0 ? Metadata.empty : { entries },
    metainfo: info.metainfo,
    backward: info.backward
  }
}

/** Several values of one key may be joined by commas. */
const decodeBinaries = (entries: Array<readonly [string, Metadata.Value]>, name: string, value: string): void => {
  for (const part of value.split(",")) {
    const bytes = decodeBinary(part.trim())
    if (bytes !== undefined) entries.push([name, bytes])
  }
}

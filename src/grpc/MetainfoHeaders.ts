/**
 * Metainfo as header fields. Keys in CloudWeGo's usual form (`A-Z`, `0-9`, `_`) go as Volo and Kitex send them:
 * `USER_ID` as `rpc-persist-user-id`. All other keys, and values that no header may hold, go in forms of our own, so that
 * every key and value comes back as it was: `rpc-persist-.` and the key with `.hh` for each octet that needs it, and, of a
 * value that is not printable ASCII, its UTF-8 in base64 under a name that ends in `-bin`.
 */
import * as Metainfo from "../Metainfo.ts"
import { decodeBinary, encodeBinary } from "./BinaryHeader.ts"

const persistent = "rpc-persist-"
const transient = "rpc-transit-"
const backward = "rpc-backward-"
const prefixes = [persistent, transient, backward]

/** Whether a name in lower case carries metainfo. */
export const isReserved = (name: string): boolean =>
  name.startsWith("rpc-") && prefixes.some((prefix) => name.startsWith(prefix))

/** Adds the fields of what travels with a request. */
export const append = (list: Array<string>, metainfo: Metainfo.Metainfo): void => {
  appendEntries(list, persistent, metainfo.persistent)
  appendEntries(list, transient, metainfo.transient)
}

/** Adds the fields of what returns with a reply. */
export const appendBackward = (list: Array<string>, entries: Metainfo.Entries): void =>
  appendEntries(list, backward, entries)

const appendEntries = (list: Array<string>, prefix: string, entries: Metainfo.Entries): void => {
  for (const [key, value] of entries) {
    if (key === "") continue
    if (isHeaderValue(value)) list.push(prefix + encodeKey(key), value)
    else list.push(`${prefix}${encodeKey(key)}-bin`, encodeBinary(Buffer.from(value)))
  }
}

const isHeaderValue = (value: string): boolean =>
  value === "" || /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(value)

const isUsual = (key: string): boolean => /^[A-Z0-9_]+$/.test(key) && !key.endsWith("_BIN")

/** The form of our own begins with a full stop, which the usual one never has. */
const encodeKey = (key: string): string => {
  if (isUsual(key)) return key.toLowerCase().replaceAll("_", "-")
  let encoded = "."
  for (const octet of Buffer.from(key)) {
    const character = String.fromCharCode(octet)
    encoded += /[a-z0-9_]/.test(character) ? character : `.${octet.toString(16).padStart(2, "0")}`
  }
  return encoded
}

const decodeKey = (text: string): string => {
  if (!text.startsWith(".")) return text.toUpperCase().replaceAll("-", "_")
  const octets: Array<number> = []
  for (let i = 1; i < text.length; i++) {
    const escape = text[i] === "." ? /^[0-9a-f]{2}/.exec(text.slice(i + 1, i + 3)) : null
    octets.push(escape === null ? text.charCodeAt(i) : Number.parseInt(escape[0], 16))
    if (escape !== null) i += 2
  }
  return Buffer.from(octets).toString()
}

/** Takes the fields that carry metainfo out of a list, one by one. */
export class Collected {
  private readonly found = new Map<string, Map<string, string>>()

  /** Answers whether the field was one. An entry that cannot be decoded is dropped. */
  take(name: string, value: string): boolean {
    if (!name.startsWith("rpc-")) return false
    const prefix = prefixes.find((candidate) => name.startsWith(candidate))
    if (prefix === undefined) return false
    const isBinary = name.endsWith("-bin")
    const key = decodeKey(name.slice(prefix.length, isBinary ? -4 : undefined))
    const text = isBinary ? decodeText(value) : value
    if (key === "" || text === undefined) return true
    let entries = this.found.get(prefix)
    if (entries === undefined) this.found.set(prefix, (entries = new Map()))
    entries.set(key, text)
    return true
  }

  get metainfo(): Metainfo.Metainfo {
    if (this.found.size === 0) return Metainfo.empty
    return {
      persistent: this.found.get(persistent) ?? Metainfo.empty.persistent,
      transient: this.found.get(transient) ?? Metainfo.empty.transient
    }
  }

  get backward(): Metainfo.Entries {
    return this.found.get(backward) ?? Metainfo.empty.transient
  }
}

const decodeText = (value: string): string | undefined => {
  const bytes = decodeBinary(value)
  return bytes === undefined ? undefined : Buffer.from(bytes).toString()
}

/** One header field, and what must be known of it whenever it occurs. */

/** A name that no rule knows. */
export const regular = 0
/** `:method`. */
export const method = 1
/** `:scheme`. */
export const scheme = 2
/** `:authority`. */
export const authority = 3
/** `:path`. */
export const path = 4
/** `:status`. */
export const status = 5
/** A pseudo-header that is none of those. */
export const unknownPseudo = 6
/** Means something for one HTTP/1.1 connection, and has no place here (8.2.2). */
export const connectionSpecific = 7
/** Allowed with the one value `trailers`. */
export const te = 8
/** `content-length`. */
export const contentLength = 9
/** `cookie`. */
export const cookie = 10
/** The name or the value holds what none may (8.2.1). */
export const invalid = 11

/** What the rules of RFC 9113 section 8 make of a field. */
export type Kind =
  | typeof regular
  | typeof method
  | typeof scheme
  | typeof authority
  | typeof path
  | typeof status
  | typeof unknownPseudo
  | typeof connectionSpecific
  | typeof te
  | typeof contentLength
  | typeof cookie
  | typeof invalid

const kinds: ReadonlyMap<string, Kind> = new Map<string, Kind>([
  [":method", method],
  [":scheme", scheme],
  [":authority", authority],
  [":path", path],
  [":status", status],
  ["connection", connectionSpecific],
  ["proxy-connection", connectionSpecific],
  ["keep-alive", connectionSpecific],
  ["transfer-encoding", connectionSpecific],
  ["upgrade", connectionSpecific],
  ["te", te],
  ["content-length", contentLength],
  ["cookie", cookie]
])

/** The kind of a name that is valid. */
export const kindOf = (name: string): Kind =>
  kinds.get(name) ?? (name.charCodeAt(0) === 0x3a /* : */ ? unknownPseudo : regular)

/** A name and its value. */
export class Field {
  readonly name: string
  readonly value: string
  /** As RFC 7541 section 4.1 counts it, and SETTINGS_MAX_HEADER_LIST_SIZE too. */
  readonly size: number
  readonly kind: Kind

  constructor(name: string, value: string, kind: Kind = kindOf(name)) {
    this.name = name
    this.value = value
    this.size = name.length + value.length + overhead
    this.kind = kind
  }
}

/** What a field counts besides its characters. */
export const overhead = 32

// Octets of names: the token characters of RFC 9110 section 5.6.2, without capitals.
const inName = new Uint8Array(256)
for (const character of "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz") inName[character.charCodeAt(0)] = 1

/** Whether the octets are a field's name. A pseudo-header's begins with a colon. */
export const isName = (bytes: Uint8Array, start: number, end: number): boolean => {
  const first = bytes[start] === 0x3a ? start + 1 : start
  if (first >= end) return false
  for (let at = first; at < end; at++) if (inName[bytes[at]!] === 0) return false
  return true
}

/** Whether the octets are a field's value: no NUL, CR and LF, no blank at either end. */
export const isValue = (bytes: Uint8Array, start: number, end: number): boolean => {
  if (start === end) return true
  if (isBlank(bytes[start]!) || isBlank(bytes[end - 1]!)) return false
  for (let at = start; at < end; at++) {
    const octet = bytes[at]!
    if (octet <= 0x0d && (octet === 0 || octet === 0x0a || octet === 0x0d)) return false
  }
  return true
}

const isBlank = (octet: number): boolean => octet === 0x20 || octet === 0x09

/** The encoding of `grpc-message` (grpc/doc/PROTOCOL-HTTP2.md, "Percent-Encoded"): printable ASCII but `%` as it is, all else as UTF-8 in `%XX`. */

const hex = "0123456789ABCDEF"

const isPlain = (code: number): boolean => code >= 0x20 && code <= 0x7e && code !== 0x25

/** Lone surrogates become U+FFFD. Blanks at either end are encoded, since HTTP trims them. */
export const encode = (text: string): string => {
  for (let i = 0; i < text.length; i++) if (!isPlain(text.charCodeAt(i))) return encodeBytes(Buffer.from(text))
  return text.startsWith(" ") || text.endsWith(" ") ? encodeBytes(Buffer.from(text)) : text
}

const encodeBytes = (bytes: Uint8Array): string => {
  let encoded = ""
  const last = bytes.length - 1
  for (let i = 0; i <= last; i++) {
    const byte = bytes[i]!
    const isOuterBlank = byte === 0x20 && (i === 0 || i === last)
    encoded += isPlain(byte) && !isOuterBlank ? String.fromCharCode(byte) : `%${hex[byte >> 4]}${hex[byte & 15]}`
  }
  return encoded
}

/** Never fails: what is no escape stays as it is, and bytes that are not UTF-8 become U+FFFD. */
export const decode = (text: string): string => {
  if (!text.includes("%")) return text
  const raw = Buffer.from(text, "latin1")
  const bytes = Buffer.allocUnsafe(raw.length)
  let size = 0
  for (let i = 0; i < raw.length; i++) {
    const byte = raw[i]!
    const high = byte === 0x25 ? digit(raw[i + 1]) : -1
    const low = high === -1 ? -1 : digit(raw[i + 2])
    if (low === -1) bytes[size++] = byte
    else {
      bytes[size++] = high * 16 + low
      i += 2
    }
  }
  return bytes.toString("utf8", 0, size)
}

const digit = (code: number | undefined): number => {
  if (code === undefined) return -1
  if (code >= 0x30 && code <= 0x39) return code - 0x30
  const lower = code | 0x20
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1
}

/** The values of header fields whose names end in `-bin`: bytes, in base64. */

/** Without padding, as the specification wants it sent. */
export const encodeBinary = (value: Uint8Array): string => {
  const text = Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("base64")
  const padding = text.indexOf("=")
  return padding === -1 ? text : text.slice(0, padding)
}

/** With or without padding; undefined when it is no base64. */
export const decodeBinary = (text: string): Uint8Array | undefined => {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return undefined
  return text.replace(/=+$/, "").length % 4 === 1 ? undefined : Uint8Array.from(Buffer.from(text, "base64"))
}

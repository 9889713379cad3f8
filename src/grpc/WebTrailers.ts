/**
 * The trailers of a gRPC-Web answer, which travel as the last message of its body, since browsers hide those of HTTP
 * (grpc/doc/PROTOCOL-WEB.md, "Protocol differences vs gRPC over HTTP2"): a prefix whose first octet has its highest bit set,
 * then fields as HTTP/1 writes them, names in lower case, each line ended by CRLF, and no empty line at the end.
 */
import { CodecError } from "../Codec.ts"
import { prefixSize } from "./Envelope.ts"

/** Names in lower case and values in turn, as HTTP/2 has them. */
export type HeaderList = ReadonlyArray<string>

/** The first octet of the message that holds the trailers. Its lowest bit says that they are compressed, as with others. */
export const flag = 0x80

/** Whether the first octet of a message says that it is the trailers. */
export const isTrailers = (firstOctet: number): boolean => (firstOctet & flag) !== 0

/** The message, its prefix included. The fields are such as HTTP/2 could send. */
export const encode = (list: HeaderList): Buffer => {
  let block = ""
  for (let at = 0; at + 1 < list.length; at += 2) block += `${list[at]}: ${list[at + 1]}\r\n`
  const bytes = Buffer.allocUnsafe(prefixSize + block.length)
  bytes[0] = flag
  bytes.writeUInt32BE(block.length, 1)
  bytes.write(block, prefixSize, "latin1")
  return bytes
}

/**
 * The fields of a block, which is the message without its prefix, decompressed. Takes what other servers are known to send,
 * too: capitals in names, which become small, lines ended by LF alone, an empty line at the end. Throws a `CodecError` when
 * it is no block of fields.
 */
export const decode = (block: Uint8Array): HeaderList => {
  const text = Buffer.from(block.buffer, block.byteOffset, block.byteLength).toString("latin1")
  const list: Array<string> = []
  let isEnded = false
  for (let start = 0, end = 0; start < text.length; start = end + 1) {
    end = text.indexOf("\n", start)
    if (end === -1) end = text.length
    const line = text.slice(start, text[end - 1] === "\r" ? Math.max(start, end - 1) : end)
    if (line === "") isEnded = true
    else if (isEnded) throw malformed("an empty line stands before other fields")
    else addField(list, line)
  }
  return list
}

const addField = (list: Array<string>, line: string): void => {
  const colon = line.indexOf(":")
  const name = line.slice(0, Math.max(0, colon)).toLowerCase()
  const value = trim(line, colon + 1)
  if (!/^[!#$%&'*+\-.^_`|~0-9a-z]+$/.test(name)) throw malformed(`${show(line)} is no field`)
  if (value.includes("\0") || value.includes("\r"))
    throw malformed(`the value of ${name.slice(0, 100)} holds NUL or CR`)
  list.push(name, value)
}

/** Blanks around a value are no part of it (RFC 9110 section 5.5). */
const trim = (line: string, from: number): string => {
  let start = from
  let end = line.length
  while (start < end && isSpace(line, start)) start++
  while (end > start && isSpace(line, end - 1)) end--
  return line.slice(start, end)
}

const isSpace = (line: string, at: number): boolean => line[at] === " " || line[at] === "\t"

const malformed = (what: string): CodecError =>
  new CodecError("Malformed", `the trailers of the answer cannot be read: ${what}`)

const show = (line: string): string => JSON.stringify(line.length > 60 ? `${line.slice(0, 60)}...` : line)

/** The fields of one received header block. Blocks that are equal octet for octet may share one, so nobody changes them. */
import * as HpackField from "./HpackField.ts"
import type { Field } from "./HpackField.ts"

/** Names and values in turn. Names are in lower case; pseudo-headers, where there are some, come first. */
export type HeaderList = ReadonlyArray<string>

/** What a header block is read as. */
export type Role = "request" | "response" | "trailers"

/** See `HpackDecoder`. */
export class Headers {
  method: string | undefined = undefined
  scheme: string | undefined = undefined
  authority: string | undefined = undefined
  path: string | undefined = undefined
  status: string | undefined = undefined
  /** The announced octets of the body; -1 where none are. */
  contentLength = -1
  /** The fields that are no pseudo-headers, names and values in turn, as they came. */
  readonly list: Array<string> = []
  /** As SETTINGS_MAX_HEADER_LIST_SIZE counts it. */
  size = 0
  /** The list is larger than the limit; what was beyond is not kept. */
  isTooLarge = false
  /** Why the block is malformed whatever it is read as (RFC 9113 section 8.1.1). */
  malformed: string | undefined = undefined
  /** Whoever is above may note here what it has made of these headers, and find it when the same ones come again. */
  note: unknown = undefined
  /** What `HeaderRules` has found out for a role. */
  checkedAs: Role | undefined = undefined
  fault: string | undefined = undefined
  private pseudo = 0

  /** The first value of a field; undefined where there is none. */
  get(name: string): string | undefined {
    const { list } = this
    for (let at = 0; at < list.length; at += 2) if (list[at] === name) return list[at + 1]
    return undefined
  }

  /** All values of a field, as they came. */
  getAll(name: string): ReadonlyArray<string> {
    return this.list.filter((_, at) => at % 2 === 1 && this.list[at - 1] === name)
  }

  /** How many pseudo-headers there are. */
  get pseudoCount(): number {
    return this.pseudo
  }

  /** For the decoder: takes the next field, and judges it as far as one can without knowing the role. */
  add(field: Field, limit: number): void {
    this.size += field.size
    if (this.size > limit) {
      this.isTooLarge = true
      return
    }
    switch (field.kind) {
      case HpackField.regular:
      case HpackField.cookie:
        break
      case HpackField.method:
        return this.setPseudo("method", field)
      case HpackField.scheme:
        return this.setPseudo("scheme", field)
      case HpackField.authority:
        return this.setPseudo("authority", field)
      case HpackField.path:
        return this.setPseudo("path", field)
      case HpackField.status:
        return this.setPseudo("status", field)
      case HpackField.contentLength:
        this.setContentLength(field.value)
        break
      case HpackField.te:
        if (field.value !== "trailers") this.refuse(`te may say trailers only, not ${show(field.value)}`)
        break
      case HpackField.unknownPseudo:
        return this.refuse(`unknown pseudo-header ${show(field.name)}`)
      case HpackField.connectionSpecific:
        return this.refuse(`${field.name} has no place in HTTP/2`)
      default:
        return this.refuse(`invalid field ${show(field.name)}: ${show(field.value)}`)
    }
    this.list.push(field.name, field.value)
  }

  private setPseudo(name: "method" | "scheme" | "authority" | "path" | "status", field: Field): void {
    if (this.list.length > 0) this.refuse(`${field.name} behind other fields`)
    if (this[name] !== undefined) this.refuse(`${field.name} twice`)
    this[name] = field.value
    this.pseudo++
  }

  private setContentLength(value: string): void {
    const length = /^\d{1,15}$/.test(value) ? Number(value) : -1
    if (length === -1) this.refuse(`content-length is no number: ${show(value)}`)
    else if (this.contentLength !== -1 && this.contentLength !== length) this.refuse("two different content-lengths")
    this.contentLength = length
  }

  private refuse(why: string): void {
    this.malformed ??= why
  }
}

const show = (text: string): string => JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}...` : text)

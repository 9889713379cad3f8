/** Header fields in the form of HTTP/2, as node:http has those of HTTP/1.1, and back. */
import type { IncomingMessage } from "node:http"
import { Headers, type HeaderList } from "../http2/Headers.ts"
import type { Prepared } from "../http2/HpackEncoder.ts"

/** The head of a request. */
export interface Head {
  readonly method: string
  readonly path: string
  readonly headers: Record<string, string | Array<string>>
}

/** What prepared fields became; nobody changes it. */
const heads = new WeakMap<Prepared, Head>()

/** `:authority` becomes `host`; what is named several times becomes several fields. */
export const toHttp1 = (prepared: Prepared, list: HeaderList | undefined): Head => {
  let head = heads.get(prepared)
  if (head === undefined) heads.set(prepared, (head = prepare(prepared)))
  if (list === undefined || list.length === 0) return head
  const headers = Object.assign(noFields(), head.headers)
  for (let at = 0; at + 1 < list.length; at += 2) add(headers, list[at]!, list[at + 1]!)
  return { ...head, headers }
}

const prepare = ({ fields }: Prepared): Head => {
  const headers = noFields()
  const pseudo = new Map<string, string>()
  for (const { name, value } of fields) {
    if (name.startsWith(":")) pseudo.set(name, value)
    else add(headers, name, value)
  }
  headers["host"] = pseudo.get(":authority") ?? ""
  return { method: pseudo.get(":method") ?? "GET", path: pseudo.get(":path") ?? "/", headers }
}

/** Names are the user's own, `__proto__` among them. */
const noFields = (): Record<string, string | Array<string>> => Object.create(null)

const add = (headers: Record<string, string | Array<string>>, name: string, value: string): void => {
  const before = headers[name]
  headers[name] = before === undefined ? value : typeof before === "string" ? [before, value] : [...before, value]
}

/** The head of a response. */
export const fromHttp1 = ({ rawHeaders, statusCode }: IncomingMessage): Headers => {
  const headers = new Headers()
  headers.status = String(statusCode)
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    headers.list.push(rawHeaders[at]!.toLowerCase(), rawHeaders[at + 1]!)
  }
  const length = headers.get("content-length")
  if (length !== undefined && /^\d{1,15}$/.test(length)) headers.contentLength = Number(length)
  return headers
}

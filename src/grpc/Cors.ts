/**
 * Cross-origin resource sharing, by which a browser asks whether a page of one origin may call a server of another
 * (https://fetch.spec.whatwg.org/#http-cors-protocol). It says what answers are to say; that the browser keeps to it is the
 * browser's affair, and other clients do not ask.
 */
import * as Duration from "effect/Duration"
import type { HeaderList, Headers } from "../transport/http2/Headers.ts"
import type { Prepared } from "../transport/http2/HpackEncoder.ts"

export interface Options {
  /**
   * The origins whose pages may call: each as a browser names it, scheme, host and port if it is not the scheme's own, for
   * example `https://app.example.com`; or `"*"` for all. Pages of other origins are told nothing, so that browsers refuse.
   */
  readonly origins: ReadonlyArray<string> | "*"
  /** Pages may send cookies and client certificates. Not with `"*"`. Default false. */
  readonly credentials?: boolean | undefined
  /** How long a browser may remember the answer to a preflight. Default 2 hours, the most that Chromium does. */
  readonly maxAge?: Duration.Input | undefined
}

/** What is wrong with the options; undefined when nothing is. */
export const check = ({ credentials, origins }: Options): string | undefined => {
  if (origins === "*") return credentials === true ? 'credentials need a list of origins, not "*"' : undefined
  const wrong = origins.find((origin) => !isOrigin(origin))
  return wrong === undefined
    ? undefined
    : `${JSON.stringify(wrong)} is no origin; write it as "https://app.example.com", without a path`
}

const isOrigin = (text: string): boolean => text === "null" || (URL.canParse(text) && hasOrigin(text, new URL(text)))

/** Schemes that URL does not know have the opaque origin "null" there, and one of their own in browsers. */
const hasOrigin = (text: string, { host, origin, protocol }: URL): boolean =>
  text === (origin === "null" ? `${protocol}//${host}` : origin)

const always = ["grpc-status", "grpc-message", "grpc-status-details-bin"]

/** Fields that a page sees of every answer, or never. */
const unexposed: ReadonlySet<string> = new Set([":status", "content-type", "content-length", "set-cookie"])

/** Answers preflights, and says of each answer who may read it. */
export class Cors {
  private readonly origins: ReadonlySet<string> | "*"
  private readonly credentials: boolean
  private readonly maxAge: string

  constructor({ credentials = false, maxAge = "2 hours", origins }: Options) {
    this.origins = origins === "*" ? origins : new Set(origins)
    this.credentials = credentials
    this.maxAge = `${Math.floor(Duration.toSeconds(maxAge))}`
  }

  /** The constant fields of what is answered to a request: none of CORS where its origin is not one of those. */
  fieldsFor(headers: Headers): HeaderList {
    if (this.origins === "*") return allowAll
    const origin = headers.get("origin")
    // Caches are to tell the answers to several origins, and to none, apart.
    if (origin === undefined || !this.origins.has(origin)) return varying
    const fields = ["access-control-allow-origin", origin, ...varying]
    return this.credentials ? [...fields, "access-control-allow-credentials", "true"] : fields
  }

  /** Those behind `fieldsFor` that let a page see all of an answer's fields. */
  expose(fields: HeaderList, prepared: Prepared, list: HeaderList): HeaderList {
    if (!isAllowed(fields)) return fields
    const names = new Set(always)
    for (const { name } of prepared.fields) names.add(name)
    for (let at = 0; at < list.length; at += 2) names.add(list[at]!)
    const exposed = [...names].filter((name) => !unexposed.has(name))
    return [...fields, "access-control-expose-headers", exposed.join(",")]
  }

  /** The answer to a preflight; undefined when the request is none. */
  preflight(headers: Headers): HeaderList | undefined {
    const method = headers.get("access-control-request-method")
    if (headers.method !== "OPTIONS" || headers.get("origin") === undefined || method === undefined) return undefined
    const fields = this.fieldsFor(headers)
    if (!isAllowed(fields)) return fields
    const wanted = headers.get("access-control-request-headers")
    return [
      ...fields,
      "access-control-allow-methods",
      "POST",
      "access-control-max-age",
      this.maxAge,
      ...(wanted === undefined ? [] : ["access-control-allow-headers", wanted])
    ]
  }
}

/** Whether the fields let a page of another origin read the answer. */
export const isAllowed = (fields: HeaderList): boolean => fields[0] === "access-control-allow-origin"

const allowAll: HeaderList = ["access-control-allow-origin", "*"]
const varying: HeaderList = ["vary", "origin"]

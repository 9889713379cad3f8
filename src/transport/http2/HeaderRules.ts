/** What makes a message malformed (RFC 9113 sections 8.1.1, 8.2 and 8.3). */
import type { Headers, Role } from "./Headers.ts"

/** Why these headers are malformed as this part of a message; undefined where they are not. Found out once for each role. */
export const faultOf = (headers: Headers, role: Role): string | undefined => {
  if (headers.checkedAs !== role) {
    headers.checkedAs = role
    headers.fault = headers.malformed ?? rules[role](headers)
  }
  return headers.fault
}

const request = (headers: Headers): string | undefined => {
  const { authority, method, path, scheme, status } = headers
  if (status !== undefined) return ":status in a request"
  if (method === undefined) return "a request without :method"
  if (method === "CONNECT") {
    if (scheme !== undefined || path !== undefined) return "CONNECT with :scheme or :path"
    return authority === undefined ? "CONNECT without :authority" : undefined
  }
  if (scheme === undefined) return "a request without :scheme"
  if (path === undefined || path === "") return "a request without :path"
  if (path.charCodeAt(0) === 0x2f /* slash */ || (path === "*" && method === "OPTIONS")) return undefined
  return scheme === "http" || scheme === "https" ? ":path does not begin with a slash" : undefined
}

const response = (headers: Headers): string | undefined => {
  if (headers.status === undefined) return "a response without :status"
  if (headers.pseudoCount > 1) return "a pseudo-header of requests in a response"
  return /^[1-9]\d\d$/.test(headers.status) ? undefined : `:status is no number of three digits: ${headers.status}`
}

const trailers = (headers: Headers): string | undefined =>
  headers.pseudoCount > 0 ? "a pseudo-header in trailers" : undefined

const rules: { readonly [Name in Role]: (headers: Headers) => string | undefined } = { request, response, trailers }

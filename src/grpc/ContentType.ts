/** `content-type` of requests and responses: which of gRPC's framings, and which message format inside. */

/** gRPC over HTTP/2, gRPC-Web, or gRPC-Web in base64. */
export type Framing = "grpc" | "web" | "webText"

/** What such a field says. */
export interface ContentType {
  readonly framing: Framing
  /** What follows the `+`; `proto` where nothing does. */
  readonly format: string
}

/** What this side says of its own messages, over gRPC itself. */
export const grpc = "application/grpc+proto"

/** The same over gRPC-Web. */
export const web = "application/grpc-web+proto"

/** The same over gRPC-Web in base64. */
export const webText = "application/grpc-web-text+proto"

/** What is said of messages in a framing. */
export const of: { readonly [Name in Framing]: string } = { grpc, web, webText }

const shape = /^application\/grpc(-web-text|-web)?(?:\+([a-z0-9_.-]+))?\s*(?:;.*)?$/i

/** undefined when it is none of gRPC's. */
export const parse = (text: string): ContentType | undefined => {
  if (text === "application/grpc" || text === grpc) return plain
  const match = shape.exec(text)
  if (match === null) return undefined
  const [, web, format] = match
  return {
    framing: web === undefined ? "grpc" : web.toLowerCase() === "-web" ? "web" : "webText",
    format: format?.toLowerCase() ?? "proto"
  }
}

const plain: ContentType = { framing: "grpc", format: "proto" }

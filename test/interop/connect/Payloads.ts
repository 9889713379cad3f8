/** What the conformance service and its client have in common: headers, timeouts, errors and details in their two forms. */
import * as Metadata from "../../../src/Metadata.ts"
import type { StatusDetail } from "../../../src/RpcError.ts"
import { Error, Header } from "./gen/connectrpc/conformance/v1/service.ts"

/** Metadata as the suite writes it: names with all their values, binary ones in base64. */
export const toHeaders = ({ entries }: Metadata.Metadata): ReadonlyArray<Header> => {
  const byName = new Map<string, Array<string>>()
  for (const [name, value] of entries) {
    const text = typeof value === "string" ? value : Buffer.from(value).toString("base64")
    byName.set(name, [...(byName.get(name) ?? []), text])
  }
  return Array.from(byName, ([name, value]) => Header.make({ name, value }))
}

export const fromHeaders = (headers: ReadonlyArray<Header>): Metadata.Metadata =>
  Metadata.fromEntries(
    headers.flatMap(({ name, value }) =>
      value.map((text) => [name, name.toLowerCase().endsWith("-bin") ? Buffer.from(text, "base64") : text] as const)
    )
  )

export const toError = (code: number, message: string, details: ReadonlyArray<StatusDetail>): Error =>
  Error.make({ code, message, details: details.map(({ typeUrl, value }) => ({ typeUrl, value })) })

/** A contract as the compiler generates it, for the type tests. */
import * as Contract from "../../src/Contract.ts"
import * as Method from "../../src/Method.ts"

const codec = { protocol: "none" }

export interface GetItemRequest {
  readonly id: bigint
}

export interface Item {
  readonly id: bigint
  readonly title: string
}

export class NotFound extends Error {
  readonly _tag = "NotFound"
}

export class Gone extends Error {
  readonly _tag = "Gone"
}

export class Items extends Contract.Service<Items>()("acme.Items", {
  getItem: Method.unary<GetItemRequest, Item, NotFound | Gone>({ contract: "acme.Items", name: "getItem", codec }),
  ping: Method.unary<{}, void>({ contract: "acme.Items", name: "ping", codec }),
  log: Method.oneway<{ readonly line: string }, void>({ contract: "acme.Items", name: "log", codec })
}) {}

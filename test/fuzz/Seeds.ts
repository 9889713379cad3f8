/** The golden vectors as fuzz seeds. */
import { readFileSync } from "node:fs"

export interface Vector {
  readonly name: string
  readonly kind: "struct" | "message" | "lenient" | "malformed"
  readonly idl: string
  readonly type?: string
  readonly protocol: string
  readonly service?: string
  readonly method?: string
  readonly messageType?: "call" | "reply" | "exception" | "oneway"
  readonly framed?: boolean
  readonly multiplexed?: string
  readonly hex?: string
  readonly hexRepeat?: { readonly prefix: string; readonly unit: string; readonly times: number }
}

const read = (name: string): ReadonlyArray<Vector> =>
  JSON.parse(readFileSync(new URL(`../golden/thrift/${name}`, import.meta.url), "utf8"))

export const vectors: ReadonlyArray<Vector> = ["thrift.json", "thrift-uuid.json", "thrift-decode.json"].flatMap(read)

export const toBytes = (vector: Vector): Buffer =>
  vector.hexRepeat === undefined
    ? Buffer.from(vector.hex ?? "", "hex")
    : Buffer.concat([
        Buffer.from(vector.hexRepeat.prefix, "hex"),
        ...Array.from({ length: vector.hexRepeat.times }, () => Buffer.from(vector.hexRepeat!.unit, "hex"))
      ])

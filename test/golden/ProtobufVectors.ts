/** The golden vectors of protobuf. */
import { readFileSync } from "node:fs"
import * as Registry from "../../src/grpc/ProtobufRegistry.ts"
import type * as Type from "../../src/grpc/ProtobufType.ts"
import * as golden2 from "./gen/golden2.ts"
import * as golden3 from "./gen/golden3.ts"

export interface Vector {
  readonly name: string
  readonly kind: "encode" | "decode" | "malformed"
  readonly type: string
  readonly json: unknown
  readonly hex?: string
  readonly hexRepeat?: { readonly prefix: string; readonly unit: string; readonly times: number }
  readonly reencode?: string
  readonly why?: string
}

export const all: ReadonlyArray<Vector> = JSON.parse(
  readFileSync(new URL("./protobuf/protobuf.json", import.meta.url), "utf8")
)

export const registry = Registry.make(golden2, golden3)

export const messageOf = (name: string): Type.AnyMessage => {
  const found = registry.messages.get(name)
  if (found === undefined) throw new Error(`there is no message ${name}`)
  return found
}

export const bytesOf = ({ hex, hexRepeat }: Vector): Buffer =>
  Buffer.from(hexRepeat === undefined ? (hex ?? "") : hexRepeat.prefix + hexRepeat.unit.repeat(hexRepeat.times), "hex")

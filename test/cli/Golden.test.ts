/** Every golden vector through `--jsonl`, all of them in one process, both ways. */
import { assert, it } from "@effect/vitest"
import { readFileSync } from "node:fs"
import * as Program from "./Program.ts"

interface Vector {
  readonly name: string
  readonly kind: "struct" | "message" | "lenient" | "malformed"
  readonly idl: string
  readonly type?: string
  readonly readAs?: string
  readonly readValue?: unknown
  readonly service?: string
  readonly value: unknown
  readonly hex?: string
  readonly hexRepeat?: { readonly prefix: string; readonly unit: string; readonly times: number }
  readonly parts?: ReadonlyArray<{ readonly unit: string; readonly times: number }>
  readonly protocol: string
}

const read = (name: string): ReadonlyArray<Vector> =>
  JSON.parse(readFileSync(new URL(`../golden/thrift/${name}.json`, import.meta.url), "utf8")) as ReadonlyArray<Vector>

const vectors = [...read("thrift"), ...read("thrift-uuid")]
const decodings = read("thrift-decode")

const without = (job: object, ...keys: ReadonlyArray<string>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(job).filter(([key]) => !keys.includes(key)))

/** What a decoded message says beside its value. */
const header = ({ service: _, ...vector }: Vector): Record<string, unknown> => {
  const all = vector as unknown as Record<string, unknown>
  const keys = ["method", "messageType", "seqid", "framed", "multiplexed"].filter((key) => key in all)
  return Object.fromEntries(keys.map((key) => [key, all[key]]))
}

it("decodes every vector", async () => {
  const answers = await Program.jobs(
    "decode",
    vectors.map((vector) => without(vector, "value"))
  )
  assert.strictEqual(answers.length, vectors.length)
  for (const [index, vector] of vectors.entries()) {
    const expected =
      vector.kind === "message"
        ? { value: vector.value, service: vector.service, ...header(vector) }
        : { value: vector.value }
    assert.deepStrictEqual(answers[index], expected, vector.name)
  }
})

it("finds in the bytes what a message is", async () => {
  const messages = vectors.filter((vector) => vector.kind === "message")
  const answers = await Program.jobs(
    "decode",
    messages.map((vector) => without(vector, "value", "method", "messageType", "seqid", "multiplexed", "struct"))
  )
  for (const [index, vector] of messages.entries()) {
    assert.deepInclude(answers[index], { value: vector.value as object, ...header(vector) }, vector.name)
  }
})

it("encodes every vector", async () => {
  const answers = await Program.jobs(
    "encode",
    vectors.map((vector) => without(vector, "hex"))
  )
  assert.strictEqual(answers.length, vectors.length)
  for (const [index, vector] of vectors.entries()) {
    // Of a struct whose ids are out of order, any order is right: then the way back decides.
    if (!vector.name.startsWith("out-of-order")) {
      assert.deepStrictEqual(answers[index], { hex: vector.hex }, vector.name)
    }
  }
  const back = await Program.jobs(
    "decode",
    vectors.map((vector, index) => ({ ...without(vector, "value"), hex: answers[index]?.["hex"] }))
  )
  for (const [index, vector] of vectors.entries()) {
    assert.deepStrictEqual(back[index]?.["value"], vector.value, vector.name)
  }
})

it("reads bytes as another type", async () => {
  const read = vectors.filter((vector) => vector.readAs !== undefined)
  const answers = await Program.jobs(
    "decode",
    read.map((vector) => ({ ...without(vector, "value"), type: vector.readAs }))
  )
  assert.isAbove(read.length, 0)
  for (const [index, vector] of read.entries()) {
    assert.deepStrictEqual(answers[index], { value: vector.readValue }, vector.name)
  }
})

it("fails every malformed vector and reads every lenient one", async () => {
  const answers = await Program.jobs(
    "decode",
    decodings.map((vector) => {
      const framed = vector.protocol === "framed-binary"
      return {
        idl: vector.idl,
        hex: hexOf(vector),
        framed,
        protocol: framed ? "binary" : vector.protocol,
        ...(vector.type === "message" ? { service: "golden.Svc" } : { type: vector.type })
      }
    })
  )
  assert.strictEqual(answers.length, decodings.length)
  for (const [index, vector] of decodings.entries()) {
    const answer = answers[index]
    if (vector.kind === "lenient") assert.deepStrictEqual(answer, { value: vector.value }, vector.name)
    else {
      const error = answer?.["error"] as { readonly tag: string; readonly message: string }
      assert.include(["Truncated", "Malformed", "LimitExceeded", "MissingField"], error.tag, vector.name)
      assert.isAbove(error.message.length, 0, vector.name)
    }
  }
})

const hexOf = ({ hex, hexRepeat, parts }: Vector): string =>
  hex ??
  (hexRepeat === undefined
    ? (parts ?? []).map((part) => part.unit.repeat(part.times)).join("")
    : hexRepeat.prefix + hexRepeat.unit.repeat(hexRepeat.times))

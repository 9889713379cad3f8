/** Every golden vector of protobuf through `--jsonl`, all of them in one process, both ways. */
import { assert, it } from "@effect/vitest"
import { readFileSync } from "node:fs"
import * as Program from "./Program.ts"

interface Vector {
  readonly name: string
  readonly kind: "encode" | "decode" | "malformed"
  readonly proto: string
  readonly type: string
  readonly json: unknown
  readonly hex?: string
  readonly hexRepeat?: { readonly prefix: string; readonly unit: string; readonly times: number }
}

const vectors: ReadonlyArray<Vector> = JSON.parse(
  readFileSync(new URL("../golden/protobuf/protobuf.json", import.meta.url), "utf8")
)
const of = (kind: Vector["kind"]) => vectors.filter((vector) => vector.kind === kind)

const job = ({ hex, hexRepeat, proto: idl, type }: Vector, protocol: string) => ({
  idl,
  type,
  protocol,
  hex: hexRepeat === undefined ? hex : hexRepeat.prefix + hexRepeat.unit.repeat(hexRepeat.times)
})

it("decodes every vector", async () => {
  const wanted = of("encode")
  const answers = await Program.jobs(
    "decode",
    wanted.map((vector) => job(vector, "protobuf"))
  )
  assert.deepStrictEqual(
    answers,
    wanted.map(({ json }) => ({ value: json }))
  )
})

it("encodes every vector", async () => {
  const wanted = of("encode")
  const jobs = wanted.map(({ json: value, proto: idl, type }) => ({ idl, type, protocol: "protobuf", value }))
  const answers = await Program.jobs("encode", jobs)
  assert.deepStrictEqual(
    answers,
    wanted.map(({ hex }) => ({ hex }))
  )
})

it("refuses every malformed vector, by its own line", async () => {
  const answers = await Program.jobs(
    "decode",
    of("malformed").map((vector) => job(vector, "protobuf"))
  )
  assert.strictEqual(answers.length, of("malformed").length)
  for (const answer of answers) assert.nestedProperty(answer, "error.tag")
})

it("takes canonical JSON in place of bytes, with its own names", async () => {
  const wanted = of("encode")
  const texts = await Program.jobs(
    "encode",
    wanted.map(({ json: value, proto: idl, type }) => ({ idl, type, protocol: "json", value }))
  )
  const answers = await Program.jobs(
    "decode",
    wanted.map((vector, index) => ({ ...job(vector, "json"), hex: Reflect.get(texts[index]!, "hex") }))
  )
  assert.deepStrictEqual(
    answers,
    wanted.map(({ json }) => ({ value: json }))
  )
  const names = wanted.findIndex(({ json }) => JSON.stringify(json).includes("snake_case"))
  assert.include(Buffer.from(String(Reflect.get(texts[names]!, "hex")), "hex").toString(), '"snakeCase"')
})

it("says what a job of the wrong kind needs", async () => {
  const [thrift, message, unknown] = await Program.jobs("decode", [
    { idl: "golden.thrift", type: "Prims", protocol: "protobuf", hex: "00" },
    { idl: "golden3.proto", type: "golden.v3.All", protocol: "binary", hex: "00" },
    { idl: "golden3.proto", type: "golden.v3.Nobody", protocol: "protobuf", hex: "00" }
  ])
  assert.deepNestedInclude(thrift, { "error.tag": "InvalidJob" })
  assert.deepNestedInclude(message, { "error.tag": "InvalidJob" })
  assert.deepNestedInclude(unknown, { "error.tag": "UnknownName" })
})

/** What generated .proto modules load costs memory before the first call: nothing of Thrift, no streams, no JSON. */
import { spawnSync } from "node:child_process"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "vitest"

const program = (specifier: string): string => `
import { registerHooks } from "node:module"
const loaded = []
registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) })
await import("${specifier}")
console.log(JSON.stringify(loaded))
`

const loadedBy = (specifier: string): ReadonlyArray<string> => {
  const node = spawnSync(
    process.execPath,
    ["--conditions=volant-source", "--input-type=module", "-e", program(specifier)],
    {
      cwd: fileURLToPath(new URL("../..", import.meta.url)),
      encoding: "utf8"
    }
  )
  assert.strictEqual(node.status, 0, node.stderr)
  return JSON.parse(node.stdout)
}

describe("volant/codegen/v1/proto", () => {
  it("loads nothing of Thrift, of streams or of JSON", () => {
    const loaded = loadedBy("volant/codegen/v1/proto")
    assert.isNotEmpty(loaded)
    for (const url of loaded) {
      assert.notMatch(url, /\/src\/thrift\/|\/ProtobufJson|\/src\/codegen\/v1\/(index|Message|Type)\./)
      assert.notMatch(url, /\/effect\/(dist|src)\/(index|Schema|SchemaAST|Stream|Channel|Sink|Queue|PubSub|platform)\./)
    }
  })
})

describe("volant/codegen/v1", () => {
  it("loads nothing of protobuf", () => {
    for (const url of loadedBy("volant/codegen/v1")) assert.notMatch(url, /\/src\/grpc\//)
  })
})

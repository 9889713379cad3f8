/** What a server loads costs memory before the first call: no barrel, no schemas, no streams. */
import { spawnSync } from "node:child_process"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "vitest"

const program = `
import { registerHooks } from "node:module"
const loaded = []
registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) })
await import("volant/thrift")
await import("volant/transport")
await import("volant")
console.log(JSON.stringify(loaded))
`

describe("volant/thrift", () => {
  it("loads nothing of Effect that a server does not need", () => {
    const node = spawnSync(process.execPath, ["--conditions=volant-source", "--input-type=module", "-e", program], {
      cwd: fileURLToPath(new URL("../..", import.meta.url)),
      encoding: "utf8"
    })
    assert.strictEqual(node.status, 0, node.stderr)
    const loaded = (JSON.parse(node.stdout) as ReadonlyArray<string>)
      .filter((url) => url.includes("/node_modules/"))
      .map((url) => url.slice(url.lastIndexOf("/node_modules/") + "/node_modules/".length))
    assert.isNotEmpty(loaded)
    for (const module of loaded) {
      assert.match(module, /^effect\//)
      assert.notMatch(
        module,
        /^effect\/(dist|src)\/(index|Schema|SchemaAST|Stream|Channel|Sink|Queue|PubSub|platform)\b/
      )
    }
  })
})

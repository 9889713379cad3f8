import { assert, it } from "@effect/vitest"
import { readFileSync } from "node:fs"

interface Manifest {
  readonly exports: Record<string, { readonly "volant-source"?: string } | string>
}

const manifest = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as Manifest

it("volant/... resolves to src here, not to dist", () => {
  for (const [key, target] of Object.entries(manifest.exports)) {
    if (typeof target === "string") continue
    const resolved = import.meta.resolve(key.replace(/^\./, "volant"))
    assert.strictEqual(resolved, new URL(target["volant-source"] ?? "", new URL("../../", import.meta.url)).href)
  }
})

it("an import of volant runs the source", async () => {
  const wire = await import("volant/wire")
  const source = await import("../../src/wire/index.ts")
  assert.strictEqual(wire.Writer, source.Writer)
})

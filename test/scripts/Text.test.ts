import { assert, it } from "@effect/vitest"
import * as Docs from "../../scripts/Docs.ts"
import * as Text from "../../scripts/Text.ts"

const says = (path: string, text: string): ReadonlyArray<string> =>
  Text.find(path, text, Text.rules).map(({ line, says }) => `${line} ${says}`)

// In parts, as the rule that is tested reads this file, too.
const join = (...parts: ReadonlyArray<string>): string => parts.join("")

it.each([
  ["README.md", join("see https://registry", ".npmjs.org/x"), /registry/],
  ["src/A.ts", join(`read("/ro`, `ot/x")`), /one machine/],
  ["package-lock.json", join(`"reso`, `lved": "x"`), /download/],
  ["src/resilience/Timeout.ts", "Layer.effect(Endpoint, make)", /memoises/],
  ["test/a.test.ts", join("it", ".only(1)"), /alone/]
])("%s: %s", (path, text, message) => {
  const found = says(path, `fine\n${text}`)
  assert.strictEqual(found.length, 1)
  assert.match(found[0] ?? "", /^2 /)
  assert.match(found[0] ?? "", message)
})

it("leaves alone what only looks like it", () => {
  assert.deepStrictEqual(says("src/A.ts", "a/work/b\n../root/x\nLayer.effect(Other, x)"), [])
})

it("finds the examples of a document, with line and marks", () => {
  const text = "a\n```ts run\nconst a = 1\n```\n\n- b\n  ```ts\n  b\n  ```\n```sh\nno\n```\n"
  assert.deepStrictEqual(
    Docs.fromMarkdown("x.md", text).map(({ code, line, marks }) => [line, code, marks]),
    [
      [2, "const a = 1\n", ["run"]],
      [7, "b\n", []]
    ]
  )
})

it("finds the examples of docstrings alone", () => {
  const text = "/**\n * Says.\n *\n * ```ts\n * a()\n *   b()\n * ```\n */\nconst x = `\n```ts\nno\n```\n`\n"
  assert.deepStrictEqual(
    Docs.fromSource("x.ts", text).map(({ code, line }) => [line, code]),
    [[4, "a()\n  b()\n"]]
  )
})

it("rewrites relative imports as seen from the document", () => {
  const example = { path: "src/a/B.ts", line: 1, marks: [], code: `import { c } from "./C.ts"\n` }
  assert.include(Docs.toModule(example, "../..", "src/a"), `from "../../src/a/C.ts"`)
})

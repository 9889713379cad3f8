import { assert, describe, it } from "@effect/vitest"
import * as Imports from "../../scripts/Imports.ts"
import * as Order from "../../scripts/Order.ts"

const graph = (files: Readonly<Record<string, string>>): Order.Graph =>
  new Map(Object.entries(files).map(([path, text]) => [path, Imports.parse(text)]))

describe("Imports.parse", () => {
  it("finds every form, with its line", () => {
    const text = [
      `import * as A from "./A.ts"`,
      `import type { B } from "./B.ts"`,
      `import { type C, type D } from "./C.ts"`,
      `import { type E, f } from "./E.ts"`,
      `export * as G from "./G.ts"`,
      `import "./H.ts"`,
      `import {`,
      `  i`,
      `} from "./I.ts"`,
      `const j = await import("./J.ts")`,
      `type K = typeof import("./K.ts")`,
      `// import "./comment.ts"`,
      `const text = "import './string.ts'"`
    ].join("\n")
    assert.deepStrictEqual(
      Imports.parse(text).map(({ line, specifier, typeOnly }) => [line, specifier, typeOnly]),
      [
        [1, "./A.ts", false],
        [2, "./B.ts", true],
        [3, "./C.ts", true],
        [4, "./E.ts", false],
        [5, "./G.ts", false],
        [6, "./H.ts", false],
        [7, "./I.ts", false],
        [10, "./J.ts", false],
        [11, "./K.ts", true]
      ]
    )
  })
})

describe("Order.violations", () => {
  it("lets a folder import itself and what stands to its left", () => {
    const files = {
      "src/thrift/Server.ts": `import "../Call.ts"\nimport "../wire/Reader.ts"\nimport "./Binary.ts"\nimport "effect/Effect"`
    }
    assert.deepStrictEqual(Order.violations(graph(files)), [])
  })

  it.each([
    ["to the right", "src/wire/Reader.ts", "../thrift/Binary.ts", /must not import/],
    ["to the right, types alone", "src/Call.ts", "./transport/Pool.ts", /must not import/],
    ["between protocols", "src/grpc/Status.ts", "../thrift/Binary.ts", /must not know each other/],
    ["through a barrel", "src/thrift/Binary.ts", "../wire/index.ts", /for users/],
    ["out of src", "src/thrift/Binary.ts", "../../test/x.ts", /outside of src/],
    ["from a folder without a place", "src/utils/x.ts", "./y.ts", /no place/]
  ])("%s", (_, path, specifier, message) => {
    const found = Order.violations(graph({ [path]: `import type { T } from "${specifier}"` }))
    assert.strictEqual(found.length, 1)
    assert.match(found[0] ?? "", message)
  })
})

describe("Order.cycles", () => {
  const ring = (last: string) =>
    graph({
      "src/A.ts": `import "./B.ts"`,
      "src/B.ts": `import { c } from "./C.ts"`,
      "src/C.ts": last
    })

  it("finds a ring once", () => {
    assert.deepStrictEqual(Order.cycles(ring(`import { a } from "./A.ts"`)), [
      "import cycle: src/A.ts -> src/B.ts -> src/C.ts -> src/A.ts"
    ])
  })

  it("finds a file that imports itself", () => {
    assert.strictEqual(Order.cycles(graph({ "src/A.ts": `import * as A from "./A.ts"` })).length, 1)
  })

  it("types make no cycle", () => {
    assert.deepStrictEqual(Order.cycles(ring(`import type { A } from "./A.ts"`)), [])
  })
})

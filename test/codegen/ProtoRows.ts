/** Tables of .proto texts and the errors that they have. */
import { assert } from "@effect/vitest"
import * as Protos from "./Protos.ts"

export const proto2 = 'syntax = "proto2"; '
export const proto3 = 'syntax = "proto3"; '
export const edition = 'edition = "2023"; '
export const edition2024 = 'edition = "2024"; '

/** What is written, and every error of it: its place, and what it says. */
export type Row = readonly [
  source: Protos.Files | string,
  ...errors: ReadonlyArray<readonly [place: string, says: RegExp]>
]

/** Fails with the text whose errors are others. */
export const check = (rows: ReadonlyArray<Row>): void => {
  for (const [source, ...wanted] of rows) {
    const found = Protos.errors(source)
    const shown = `${JSON.stringify(source)} gave\n${found.join("\n")}`
    assert.strictEqual(found.length, wanted.length, shown)
    for (const [index, [place, says]] of wanted.entries()) {
      assert.isTrue(found[index]!.startsWith(`${place} `), `wanted ${place}: ${shown}`)
      assert.match(found[index]!, says, shown)
    }
  }
}

/** A place on line 1, `at` being the text that begins there. */
export const at = (source: string, text: string): string => `1:${source.lastIndexOf(text) + 1}`

/** A row with one error, at the last place where `text` stands. */
export const one = (source: string, text: string, says: RegExp): Row => [source, [at(source, text), says]]

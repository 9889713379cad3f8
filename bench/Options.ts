/** The command line of `npm run bench`. */
import { parseArgs } from "node:util"
import { type Section, sections } from "./Figure.ts"

export interface Options {
  readonly only: ReadonlyArray<Section>
  /** New processes of everything measured, one after another. */
  readonly rounds: number
  /** Windows in each process. */
  readonly windows: number
  /** Seconds a window. */
  readonly seconds: number
  /** Seconds before the first window. */
  readonly warmup: number
  /** Where to write the figures as JSON. */
  readonly json: string | undefined
}

export const usage = `npm run bench -- [--only ${sections.join("|")}]... [--rounds N] [--quick] [--json FILE]`

export const parse = (args: ReadonlyArray<string>): Options => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: "string", multiple: true },
      rounds: { type: "string" },
      quick: { type: "boolean", default: false },
      json: { type: "string" }
    }
  })
  const only = (values.only ?? sections).map(section)
  const rounds = Number(values.rounds ?? (values.quick ? 1 : 4))
  if (!Number.isInteger(rounds) || rounds < 1)
    throw new Error(`--rounds takes a whole number from 1, not ${values.rounds}`)
  return {
    only,
    rounds,
    windows: values.quick ? 1 : 3,
    seconds: 0.5,
    warmup: values.quick ? 0.5 : 1,
    json: values.json
  }
}

const section = (name: string): Section => {
  const known = sections.find((section) => section === name)
  if (known === undefined) throw new Error(`there is no section "${name}"; the sections are ${sections.join(", ")}`)
  return known
}

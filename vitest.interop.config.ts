import { defineConfig } from "vitest/config"
import base from "./vitest.config.ts"

/** They measure time, so that nothing may run beside them. */
const alone = ["test/interop/**/cost.interop.ts"]

const { reporters, ...test } = base.test!

const project = (name: string, groupOrder: number, include: Array<string>, exclude: Array<string>) => ({
  ...base,
  test: {
    ...test,
    name,
    include,
    exclude,
    testTimeout: 300_000,
    hookTimeout: 300_000,
    sequence: { groupOrder }
  }
})

/** `npm run test:interop`: live exchange with programs that others wrote. scripts/interop.ts prepares them first. */
export default defineConfig({
  test: {
    reporters: reporters!,
    projects: [project("interop", 0, ["test/interop/**/*.interop.ts"], alone), project("alone", 1, alone, [])]
  }
})

import { defineConfig } from "vitest/config"

/** Where CI wants the results, beside what a person reads. */
const report = process.env["VOLANT_REPORT"]

/** `npm test`: everything but the peers of test/interop. Needs no network and no toolchain. */
export default defineConfig({
  resolve: { conditions: ["volant-source", "node", "import", "module", "default"] },
  ssr: { resolve: { conditions: ["volant-source", "node", "import", "module", "default"] } },
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["test/interop/**"],
    execArgv: ["--conditions=volant-source"],
    pool: "threads",
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 30_000,
    reporters: report === undefined ? ["default"] : ["default", ["json", { outputFile: report }]]
  }
})

import { defineConfig } from "vitest/config"

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
    typecheck: { enabled: false }
  }
})

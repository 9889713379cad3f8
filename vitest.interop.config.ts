import { defineConfig } from "vitest/config"
import base from "./vitest.config.ts"

/** `npm run test:interop`: live exchange with programs that others wrote. scripts/interop.ts prepares them first. */
export default defineConfig({
  ...base,
  test: {
    ...base.test,
    include: ["test/interop/**/*.interop.ts"],
    exclude: [],
    testTimeout: 300_000,
    hookTimeout: 300_000
  }
})

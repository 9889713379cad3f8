/** `tally.ts STATUS REPORT...`: adds up the reports of test runs and closes a CI run with the one line that counts. */
import { existsSync, readFileSync } from "node:fs"

interface Report {
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly numPendingTests?: number
}

const [status = "1", ...paths] = process.argv.slice(2)
let passed = 0
let failed = 0
let skipped = 0
for (const path of paths) {
  if (!existsSync(path)) {
    console.log(`${path} was not written: its tests count as one failure`)
    failed++
    continue
  }
  const report = JSON.parse(readFileSync(path, "utf8")) as Report
  passed += report.numPassedTests
  failed += report.numFailedTests
  skipped += report.numPendingTests ?? 0
}
// A step that failed outside of its tests, for example the type check, is a failure like any other.
if (status !== "0" && failed === 0) failed++
if (passed === 0) failed++
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`)
process.exitCode = failed === 0 ? 0 : 1

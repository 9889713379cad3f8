/** `npm run build`: src to dist, JavaScript with declarations and maps. */
import { spawnSync } from "node:child_process"
import { chmodSync, existsSync, rmSync } from "node:fs"
import { join } from "node:path"
import * as Repository from "./Repository.ts"

const start = performance.now()
const dist = join(Repository.root, "dist")
rmSync(dist, { recursive: true, force: true })

const { status } = spawnSync("tsc", ["-p", "tsconfig.build.json"], { cwd: Repository.root, stdio: "inherit" })
if (status !== 0) process.exit(status ?? 1)

const manifest = JSON.parse(Repository.read("package.json")) as {
  readonly bin: Record<string, string>
  readonly exports: Record<string, string | Record<string, string>>
}
const promised = [
  ...Object.values(manifest.bin),
  ...Object.values(manifest.exports).flatMap((target) =>
    typeof target === "string" ? [target] : Object.values(target)
  )
]
const missing = promised.filter((path) => !existsSync(join(Repository.root, path)))
if (missing.length > 0) {
  console.error(`package.json promises files that are not there:\n  ${missing.join("\n  ")}`)
  process.exit(1)
}
for (const path of Object.values(manifest.bin)) chmodSync(join(Repository.root, path), 0o755)
console.log(`dist built in ${((performance.now() - start) / 1000).toFixed(1)} s`)

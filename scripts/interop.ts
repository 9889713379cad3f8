/**
 * `npm run test:interop [-- --install] [vitest arguments]`: prepares the peers of test/interop/peers.ts, then runs test/interop/*.interop.ts.
 * Peers are built into $XDG_CACHE_HOME/volant (~/.cache/volant). Debian packages are installed with --install or CI=true.
 * A peer that can't be had is named, with the reason; with CI=true it is an error.
 */
import { spawnSync } from "node:child_process"
import { createHash } from "node:crypto"
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs"
import { homedir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import type { Peer } from "../test/interop/Peer.ts"
import * as PeerModule from "../test/interop/Peer.ts"
import { peers } from "../test/interop/peers.ts"

const root = fileURLToPath(new URL("..", import.meta.url))
const isCi = process.env["CI"] === "true"
const given = process.argv.slice(2)
const mayInstall = isCi || given.includes("--install")
const cache = join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "volant", "peers")

const isInstalled = (name: string): boolean => {
  const status = spawnSync("dpkg-query", ["-W", "-f=${Status}", name], { encoding: "utf8" })
  return status.status === 0 && status.stdout.includes("install ok installed")
}

let isUpdated = false
const apt = (...args: ReadonlyArray<string>): void => {
  const run = spawnSync("apt-get", [...args], {
    stdio: ["ignore", "ignore", "inherit"],
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" }
  })
  if (run.status !== 0) throw new Error(`apt-get ${args.join(" ")} failed`)
}

const install = (peer: Peer): void => {
  const missing = peer.debian.filter((name) => !isInstalled(name))
  if (missing.length === 0) return
  if (!mayInstall)
    throw new Error(`Debian packages are missing: ${missing.join(" ")} (--install installs them, as root)`)
  if (!isUpdated) apt("update", "-qq")
  isUpdated = true
  apt("install", "-y", "-qq", "--no-install-recommends", ...missing)
}

const prepare = async (peer: Peer): Promise<string> => {
  install(peer)
  const key = createHash("sha256").update(peer.revision).digest("hex").slice(0, 12)
  const directory = join(cache, `${peer.name}-${key}`)
  const done = join(directory, ".done")
  if (existsSync(done)) return directory
  rmSync(directory, { recursive: true, force: true })
  mkdirSync(directory, { recursive: true })
  await peer.prepare(directory)
  writeFileSync(done, "")
  return directory
}

const found: Record<string, string> = {}
const missing: Array<string> = []
for (const peer of peers) {
  const start = performance.now()
  try {
    Object.assign(found, PeerModule.environment(peer.name, await prepare(peer)))
    console.log(`peer ${peer.name}: ready in ${((performance.now() - start) / 1000).toFixed(1)} s`)
  } catch (cause) {
    missing.push(peer.name)
    console.error(`PEER MISSING ${peer.name}: ${cause instanceof Error ? cause.message : String(cause)}`)
  }
}

const args = given.filter((arg) => arg !== "--install")
const run = spawnSync("vitest", ["run", "--config", "vitest.interop.config.ts", "--passWithNoTests", ...args], {
  cwd: root,
  stdio: ["ignore", "inherit", "inherit"],
  env: { ...process.env, ...found }
})
if (missing.length > 0) console.error(`NOT RUN, for want of its peer: ${missing.join(", ")}`)
process.exitCode = run.status === 0 && (missing.length === 0 || !isCi) ? 0 : 1

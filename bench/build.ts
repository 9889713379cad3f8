/**
 * Compiles src and bench into .cache/bench, as a package of its own. What is measured has to be JavaScript: stripping the
 * types of a program when it starts costs 17 MiB of memory and part of the start.
 */
import { spawnSync } from "node:child_process"
import { cpSync, readFileSync, writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"

const root = new URL("..", import.meta.url)
const tsc = fileURLToPath(new URL("node_modules/typescript/bin/tsc", root))
const project = fileURLToPath(new URL("tsconfig.json", import.meta.url))

const { status } = spawnSync(process.execPath, [tsc, "-p", project], { stdio: "inherit" })
if (status !== 0) process.exit(status ?? 1)

// The compiled programs import `volant/...` as users do; here that is the compiled src, without dist.
const manifest = readFileSync(new URL("package.json", root), "utf8")
const { name, type, exports } = JSON.parse(manifest.replaceAll('"./dist/', '"./src/')) as Record<string, unknown>
writeFileSync(new URL(".cache/bench/package.json", root), JSON.stringify({ name, type, exports }, null, 2) + "\n")

// What the compiler reads of its own, for peers that start from descriptors.
cpSync(new URL("src/codegen/protos", root), new URL(".cache/bench/src/codegen/protos", root), { recursive: true })

/**
 * `npm run smoke`: the package as users get it. Packs it, installs the tarball into an empty project, generates code with its
 * command, compiles and runs hello world against it, and looks at what an import of `volant/thrift` loads and costs.
 */
import { fork, spawnSync } from "node:child_process"
import { once } from "node:events"
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as Repository from "./Repository.ts"

/**
 * MiB that the started server may take more than a Node that only listens. The goal is the bench's, whose measure differs by up
 * to 2: the length of the project's path, and where V8 makes its young generation larger, move it by as much. Hence the tolerance.
 */
const memory = { goal: 25, tolerance: 3, runs: 7 }

const programs = join(Repository.root, "test/smoke")
const project = mkdtempSync(join(tmpdir(), "volant-smoke-"))
const manifest = JSON.parse(Repository.read("package.json")) as {
  readonly peerDependencies: Record<string, string>
  readonly devDependencies: Record<string, string>
}

const run = (command: string, ...args: ReadonlyArray<string>): string => {
  const ended = spawnSync(command, [...args], {
    cwd: project,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    timeout: 300_000
  })
  if (ended.status === 0) return ended.stdout
  throw new Error(
    `${command} ${args.join(" ")} ended with ${ended.status ?? ended.signal}\n${ended.stdout}${ended.stderr}`
  )
}

const checks: Array<readonly [name: string, check: () => string | Promise<string>]> = [
  ["packs", pack],
  ["installs into an empty project", install],
  ["generates code with its own command", generate],
  ["compiles hello world with tsc", compile],
  ["runs hello world, server and client", hello],
  ["checks IDL files", refuse],
  ["loads no barrel of effect", barrel],
  ["starts small", startMemory]
]

function pack(): string {
  const args = ["pack", "--silent", "--pack-destination", project]
  const packed = spawnSync("npm", args, {
    cwd: Repository.root,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"]
  })
  if (packed.status !== 0) throw new Error("npm pack failed")
  const name = packed.stdout.trim().split("\n").at(-1) ?? ""
  const files = run("tar", "-tzf", name).trim().split("\n")
  const stray = files.filter((file) => !/^package\/(?:src|dist)\/|^package\/[^/]+$/.test(file))
  if (stray.length > 0) throw new Error(`the tarball has files that nobody needs: ${stray.join(", ")}`)
  writeFileSync(
    join(project, "package.json"),
    JSON.stringify({
      name: "smoke",
      private: true,
      type: "module",
      dependencies: { volant: `file:./${name}`, effect: manifest.peerDependencies["effect"] },
      devDependencies: {
        typescript: manifest.devDependencies["typescript"],
        "@types/node": manifest.devDependencies["@types/node"]
      }
    })
  )
  const size = readFileSync(join(project, name)).length
  return `${files.length} files, ${Math.round(size / 1024)} KiB`
}

function install(): string {
  run("npm", "install", "--no-audit", "--no-fund", "--prefer-offline")
  const lock = JSON.parse(readFileSync(join(project, "node_modules/.package-lock.json"), "utf8")) as {
    readonly packages: Record<string, unknown>
  }
  return `${Object.keys(lock.packages).length} packages`
}

function generate(): string {
  mkdirSync(join(project, "src"))
  for (const name of ["hello.ts", "server.ts", "bare.ts", "loaded.ts"]) {
    writeFileSync(join(project, "src", name), readFileSync(join(programs, name)))
  }
  writeFileSync(join(project, "hello.thrift"), readFileSync(join(programs, "hello.thrift")))
  run("npx", "--no", "volant", "gen", "--out", "src/gen", "hello.thrift")
  return `${readFileSync(join(project, "src/gen/hello.ts"), "utf8").split("\n").length} lines`
}

function compile(): string {
  const compilerOptions = {
    target: "ES2023",
    module: "NodeNext",
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    verbatimModuleSyntax: true,
    rewriteRelativeImportExtensions: true,
    skipLibCheck: false,
    types: ["node"],
    rootDir: "src",
    outDir: "out"
  }
  writeFileSync(join(project, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["src"] }))
  run("npx", "--no", "tsc")
  return "strict, declarations checked"
}

function hello(): string {
  const said = run(process.execPath, "out/hello.js")
  if (said !== "Hello, Volant!\nno greeting for nobody\n") throw new Error(`it said:\n${said}`)
  return "value and declared error"
}

function refuse(): string {
  writeFileSync(join(project, "bad.thrift"), "struct A { 1: Missing a, 1: i32 b }\n")
  const ended = spawnSync("npx", ["--no", "volant", "check", "bad.thrift"], { cwd: project, encoding: "utf8" })
  if (ended.status !== 1 || !ended.stderr.includes("bad.thrift:1:")) {
    throw new Error(`exit code ${ended.status}, standard error:\n${ended.stderr}`)
  }
  return "exit code 1 and positions"
}

function barrel(): string {
  const urls = JSON.parse(run(process.execPath, "out/loaded.js")) as ReadonlyArray<string>
  const barrels = urls.filter((url) =>
    /\/node_modules\/(?:effect|@effect\/[^/]+)\/dist\/(?:[\w-]+\/)?index\.js$/.test(url)
  )
  if (barrels.length > 0) throw new Error(`volant/thrift loads ${barrels.join(", ")}`)
  const own = urls.filter((url) => url.includes("/node_modules/volant/")).length
  return `${urls.length} modules for volant/thrift, ${own} of them ours`
}

/** As the bench measures it: the program has started, waits, and is asked. */
async function residentMemory(program: string): Promise<number> {
  const child = fork(join(project, program), [], { execArgv: ["--expose-gc"] })
  await once(child, "message")
  child.send("memory")
  const [bytes] = (await once(child, "message")) as [number]
  child.disconnect()
  return bytes / 1024 / 1024
}

async function medianMemory(program: string): Promise<number> {
  const taken: Array<number> = []
  for (let run = 0; run < memory.runs; run++) taken.push(await residentMemory(program))
  return taken.sort((a, b) => a - b)[memory.runs >> 1]!
}

async function startMemory(): Promise<string> {
  const bare = await medianMemory("out/bare.js")
  const server = await medianMemory("out/server.js")
  const more = server - bare
  const said = `server ${server.toFixed(1)} MiB, bare Node ${bare.toFixed(1)} MiB, ${more.toFixed(1)} MiB more`
  const goal = `the goal is ${memory.goal}, with a tolerance of ${memory.tolerance}`
  if (more > memory.goal + memory.tolerance) throw new Error(`${said}; ${goal}`)
  return more > memory.goal ? `${said}, within the tolerance: ${goal}` : said
}

let passed = 0
for (const [name, check] of checks) {
  const start = performance.now()
  try {
    const said = await check()
    passed++
    console.log(`ok   ${name}: ${said} (${((performance.now() - start) / 1000).toFixed(1)} s)`)
  } catch (cause) {
    console.log(`FAIL ${name}: ${cause instanceof Error ? cause.message : String(cause)}`)
    process.exitCode = 1
    // What comes after stands on what came before.
    if (passed < 5) break
  }
}
if (process.env["VOLANT_REPORT"] !== undefined) {
  const failed = checks.length - passed
  writeFileSync(process.env["VOLANT_REPORT"], JSON.stringify({ numPassedTests: passed, numFailedTests: failed }))
}
rmSync(project, { recursive: true, force: true })

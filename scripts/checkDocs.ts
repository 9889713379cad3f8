/**
 * Every example in README.md, CONTRIBUTING.md and the docstrings of src compiles; those marked `ts run` run, too.
 * `ts ignore` is for fragments. Relative imports are as seen from the document: `./examples/items/item.ts`.
 */
import { spawnSync } from "node:child_process"
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import * as Docs from "./Docs.ts"
import * as Repository from "./Repository.ts"

const folder = ".cache/docs"
const work = join(Repository.root, folder)

const documents = ["README.md", "CONTRIBUTING.md"].filter((path) => existsSync(join(Repository.root, path)))
const sources = Repository.files("src").filter((path) => path.endsWith(".ts"))
const examples = [
  ...documents.flatMap((path) => Docs.fromMarkdown(path, Repository.read(path))),
  ...sources.flatMap((path) => Docs.fromSource(path, Repository.read(path)))
].filter((example) => !example.marks.includes("ignore"))

rmSync(work, { recursive: true, force: true })
mkdirSync(work, { recursive: true })
const written = examples.map((example, index) => {
  const name = `${example.path.replaceAll(/[^A-Za-z0-9]+/g, "-")}-${index}.ts`
  const from = dirname(example.path)
  writeFileSync(join(work, name), Docs.toModule(example, "../..", from === "." ? "" : from))
  return { example, name }
})
writeFileSync(
  join(work, "tsconfig.json"),
  JSON.stringify({
    extends: "../../tsconfig.json",
    compilerOptions: { noUnusedLocals: false, noUnusedParameters: false },
    include: ["*.ts"]
  })
)

const problems: Array<string> = []
const where = (text: string): string =>
  written.reduce(
    (shown, { example, name }) => shown.replaceAll(name, `${example.path} (example at line ${example.line})`),
    text
  )

if (written.length > 0) {
  const types = spawnSync("tsc", ["-p", join(folder, "tsconfig.json"), "--pretty", "false"], {
    cwd: Repository.root,
    encoding: "utf8"
  })
  if (types.status !== 0) problems.push(where(types.stdout.replaceAll(`${folder}/`, "")))
}
const running = problems.length > 0 ? [] : written.filter(({ example }) => example.marks.includes("run"))
for (const { example, name } of running) {
  const run = spawnSync(process.execPath, ["--conditions=volant-source", join(folder, name)], {
    cwd: Repository.root,
    encoding: "utf8",
    timeout: 30_000
  })
  if (run.status !== 0) {
    problems.push(`${example.path}:${example.line}: ended with ${run.status ?? run.signal}\n${run.stdout}${run.stderr}`)
  }
}
if (problems.length === 0) rmSync(work, { recursive: true, force: true })
Repository.report(problems, `${written.length} examples compile, ${running.length} run`)

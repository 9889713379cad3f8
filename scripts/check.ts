/** `npm run check`: everything that can be said about the code without running the tests. Steps run two at a time; output stays in order. */
import { spawn } from "node:child_process"
import * as Repository from "./Repository.ts"

interface Step {
  readonly name: string
  readonly command: ReadonlyArray<string>
  /** What to do about a failure. */
  readonly remedy?: string
}

const steps: ReadonlyArray<Step> = [
  { name: "types", command: ["tsc", "-p", "tsconfig.json", "--noEmit"] },
  { name: "lint", command: ["oxlint", "--format=unix"], remedy: "npm run lint -- --fix mends some" },
  { name: "format", command: ["oxfmt", "--list-different"], remedy: "npm run format" },
  { name: "order", command: ["node", "scripts/checkOrder.ts"] },
  { name: "text", command: ["node", "scripts/checkText.ts"] },
  { name: "sizes", command: ["oxlint", "-c", ".oxlintrc.sizes.json", "--format=unix", "src"] },
  {
    name: "generated",
    command: ["node", "--conditions=volant-source", "scripts/generate.ts", "--check"],
    remedy: "npm run generate"
  },
  { name: "docs", command: ["node", "scripts/checkDocs.ts"] }
]

interface Outcome {
  readonly code: number
  readonly output: string
  readonly seconds: number
}

const run = ({ command: [program = "", ...args] }: Step): Promise<Outcome> =>
  new Promise((resolve) => {
    const start = performance.now()
    const child = spawn(program, args, { cwd: Repository.root, stdio: ["ignore", "pipe", "pipe"] })
    let output = ""
    child.stdout.on("data", (chunk) => (output += chunk))
    child.stderr.on("data", (chunk) => (output += chunk))
    const done = (code: number): void => resolve({ code, output, seconds: (performance.now() - start) / 1000 })
    child.on("error", (error) => {
      output += `${error.message}\n`
      done(1)
    })
    child.on("close", (code) => done(code ?? 1))
  })

const show = (step: Step, { code, output, seconds }: Outcome): void => {
  console.log(`${code === 0 ? "ok  " : "FAIL"} ${step.name.padEnd(10)} ${seconds.toFixed(1).padStart(5)} s`)
  const text = output.trimEnd()
  if (text !== "") console.log(text.replaceAll(/^/gm, "       "))
  if (code !== 0 && step.remedy !== undefined) console.log(`       -> ${step.remedy}`)
}

const start = performance.now()
const only = new Set(process.argv.slice(2))
const chosen = steps.filter((step) => only.size === 0 || only.has(step.name))
const outcomes = chosen.map(() => Promise.withResolvers<Outcome>())
const waiting = [...chosen.entries()]
const work = async (): Promise<void> => {
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    outcomes[next[0]]?.resolve(await run(next[1]))
  }
}
void work()
void work()

const failed: Array<string> = []
for (const [index, step] of chosen.entries()) {
  const outcome = await outcomes[index]!.promise
  show(step, outcome)
  if (outcome.code !== 0) failed.push(step.name)
}
const seconds = ((performance.now() - start) / 1000).toFixed(1)
console.log(failed.length === 0 ? `all well after ${seconds} s` : `failed after ${seconds} s: ${failed.join(", ")}`)
process.exitCode = failed.length === 0 ? 0 : 1

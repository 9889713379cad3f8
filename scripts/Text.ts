/** Rules about the text of files that no linter knows. */

export interface Rule {
  readonly pattern: RegExp
  readonly says: string
  readonly applies: (path: string) => boolean
}

const isSource = (path: string): boolean => path.startsWith("src/") && path.endsWith(".ts")
const isTest = (path: string): boolean => path.startsWith("test/") && path.endsWith(".ts")
const everywhere = (): boolean => true

// Spelt in parts, so that this file does not hold what it forbids.
const hosts = [
  "registry.npmjs",
  "registry.yarnpkg",
  "pypi",
  "pythonhosted",
  "crates",
  "proxy.golang",
  "repo1.maven",
  "deb.debian"
]
const domains = ["org", "com", "io"]
const registry = new RegExp(
  `(?:${hosts.map((host) => host.replace(".", String.raw`\.`)).join("|")})\\.(?:${domains.join("|")})\\b`
)
const machine = new RegExp(`(?<![\\w.~*-])/(?:${["work", "root", "home/\\w+", "Users/\\w+"].join("|")})/\\w`)

/** Breaking one of these fails the check. */
export const rules: ReadonlyArray<Rule> = [
  { pattern: registry, says: "names the host of a package registry", applies: everywhere },
  {
    pattern: machine,
    says: "names a path of one machine",
    applies: (path) => !path.startsWith("test/golden/")
  },
  { pattern: /"resolved":/, says: "holds download addresses", applies: (path) => path === "package-lock.json" },
  {
    pattern: /\bLayer\.(?:effect|sync|succeed)\(\s*(?:Endpoint\.)?Endpoint\b/,
    says: "builds middleware with a layer that memoises: two clients would share one; use Layer.middleware",
    applies: (path) => /^src\/(?:resilience|observability)\//.test(path)
  },
  { pattern: /\b(?:it|describe|test)\.only\(/, says: "runs this test alone", applies: isTest },
  { pattern: /\b(?:it|describe|test)\.skip\(/, says: "skips without a printed reason", applies: isTest },
  { pattern: /\bexpect\(/, says: "uses expect; tests use assert", applies: isTest },
  {
    pattern: /\bwithSpan\(|\bEffect\.fn\(/,
    says: "costs microseconds a call (design section 5); use Effect.fnUntraced",
    applies: (path) => isSource(path) && !/^src\/(?:cli|codegen|testing)\//.test(path)
  }
]

/** These are only listed: a person decides. */
export const notes: ReadonlyArray<Rule> = [
  {
    pattern: /\bsetTimeout\(|\bsetTimeout as |node:timers\/promises|\bit\.live\(.*Effect\.sleep|\bsleep\(\d/,
    says: "may sleep; a test waits for events",
    applies: (path) => isTest(path) && !path.startsWith("test/interop/")
  },
  {
    pattern: /\bas any\b|:\s*any\b(?!.*extends)/,
    says: "says any",
    applies: isSource
  }
]

export interface Finding {
  readonly path: string
  readonly line: number
  readonly says: string
}

/** One finding for each line of `text` that a rule matches. */
export const find = (path: string, text: string, rules: ReadonlyArray<Rule>): ReadonlyArray<Finding> => {
  const applying = rules.filter((rule) => rule.applies(path))
  if (applying.length === 0) return []
  return text
    .split("\n")
    .flatMap((line, index) =>
      applying.filter((rule) => rule.pattern.test(line)).map(({ says }) => ({ path, line: index + 1, says }))
    )
}

export const show = ({ line, path, says }: Finding): string => `${path}:${line}: ${says}`

/** Exports of a module without a docstring in front: overloads and re-exports need none. */
export const undocumented = (text: string): ReadonlyArray<string> => {
  const lines = text.split("\n")
  const names = new Set<string>()
  for (const [index, line] of lines.entries()) {
    const name = /^export (?:declare )?(?:abstract )?(?:const|class|function|interface|type) ([A-Za-z_$][\w$]*)/.exec(
      line
    )?.[1]
    if (name !== undefined && !/\*\/\s*$/.test(lines[index - 1] ?? "")) names.add(name)
  }
  return [...names]
}

/** Folder order and import cycles of src; examples import `volant` as users do. */
import * as Imports from "./Imports.ts"
import * as Order from "./Order.ts"
import * as Repository from "./Repository.ts"

const sources = Repository.files("src").filter((path) => path.endsWith(".ts"))
const graph: Order.Graph = new Map(sources.map((path) => [path, Imports.parse(Repository.read(path))]))

const examples = Repository.files("examples")
  .filter((path) => path.endsWith(".ts"))
  .flatMap((path) =>
    Imports.parse(Repository.read(path))
      .filter(({ specifier }) => /^(\.\.\/)+src\//.test(specifier))
      .map(({ line, specifier }) => `${path}:${line}: imports ${specifier}: examples import volant/... as users do`)
  )

Repository.report(
  [...Order.violations(graph), ...Order.cycles(graph), ...examples],
  `${sources.length} files in order, no cycles`
)

/** What must not be in a file of this repository, and sizes. Sizes and notes are listed and never fail. */
import * as Imports from "./Imports.ts"
import * as Repository from "./Repository.ts"
import * as Text from "./Text.ts"

const limit = 400

const binary = /\.(?:bin|png|gz|tgz)$/
const problems: Array<Text.Finding> = []
const notes: Array<Text.Finding> = []
const sizes: Array<readonly [string, number]> = []
const undocumented = new Map<string, number>()
let lines = 0

for (const path of Repository.files()) {
  if (binary.test(path)) continue
  const text = Repository.read(path)
  problems.push(...Text.find(path, text, Text.rules))
  notes.push(...Text.find(path, path.endsWith(".ts") ? Imports.blankComments(text) : text, Text.notes))
  if (!path.endsWith(".ts") || Repository.isGenerated(text)) continue
  const count = text.split("\n").length - 1
  if (path.startsWith("src/")) {
    lines += count
    const bare = Text.undocumented(text).length
    const folder = path.split("/").slice(0, -1).join("/")
    undocumented.set(folder, (undocumented.get(folder) ?? 0) + bare)
  }
  if (count > limit) sizes.push([path, count])
}

for (const [path, count] of sizes.toSorted((a, b) => b[1] - a[1])) console.log(`note: ${path} has ${count} lines`)
for (const note of notes) console.log(`note: ${Text.show(note)}`)
const bare = [...undocumented].filter(([, count]) => count > 0).map(([folder, count]) => `${folder} ${count}`)
if (bare.length > 0) console.log(`note: exports without a docstring: ${bare.join(", ")}`)
Repository.report(
  problems.map(Text.show),
  `src has ${lines} lines; ${sizes.length} files over ${limit}, ${notes.length} notes`
)

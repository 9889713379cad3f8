/** Examples in documents and docstrings: fences of TypeScript. */

export interface Example {
  readonly path: string
  readonly line: number
  readonly code: string
  /** Words after `ts`: `run` also runs it; `ignore` leaves it out. */
  readonly marks: ReadonlyArray<string>
}

const fence = /^([ \t]*)```(?:ts|typescript)\b([^\n]*)\n([\s\S]*?)^\1```/gm

/** The fences of a Markdown text. */
export const fromMarkdown = (path: string, text: string): ReadonlyArray<Example> =>
  [...text.matchAll(fence)].map((match) => ({
    path,
    line: text.slice(0, match.index).split("\n").length,
    code: (match[3] ?? "").replaceAll(new RegExp(`^${match[1] ?? ""}`, "gm"), ""),
    marks: (match[2] ?? "").trim().split(/\s+/).filter(Boolean)
  }))

/** The fences in the docstrings of a module. Everything else becomes blank, so that lines stay. */
export const fromSource = (path: string, text: string): ReadonlyArray<Example> => {
  const lines = text.split("\n")
  let inside = false
  const doc = lines.map((line) => {
    if (/^\s*\/\*\*/.test(line)) inside = true
    const kept = inside ? line.replace(/^\s*\/?\*{1,2}\/? ?/, "") : ""
    if (/\*\/\s*$/.test(line)) inside = false
    return kept
  })
  return fromMarkdown(path, doc.join("\n"))
}

/** A module of its own, whose relative imports are as seen from the document. */
export const toModule = (example: Example, up: string, folder: string): string => {
  const from = folder === "" ? up : `${up}/${folder}`
  const code = example.code.replaceAll(/(\bfrom\s+|\bimport\s+)"\.\/([^"]+)"/g, (_, head: string, path: string) => {
    return `${head}"${from}/${path}"`
  })
  return `// ${example.path}:${example.line}\n${code}\nexport {}\n`
}

/**
 * What a compiler front end has to say about a place in an IDL file.
 */
import type * as Ir from "./Ir.ts"
import * as Source from "./Source.ts"

/** `warning`: the file compiles, but other compilers refuse it or read it otherwise. */
export type Severity = "error" | "warning"

/** One finding: where, what happened and what was expected. */
export interface Diagnostic {
  readonly severity: Severity
  readonly position: Ir.Position
  /** One sentence without the place, for example "expected a type, found `}`". */
  readonly message: string
  /** The source line that it stands in; "" when the file could not be read. */
  readonly line: string
  /** How many UTF-16 units are meant, from the position on; at least 1. */
  readonly length: number
}

/** A finding about a range of a source. */
export const make = (source: Source.Source, span: Source.Span, severity: Severity, message: string): Diagnostic => {
  const position = Source.position(source, span.start)
  const line = Source.lineAt(source, position.line - 1)
  const room = line.length - position.column + 1
  return { severity, position, message, line, length: Math.max(1, Math.min(span.end - span.start, room)) }
}

/** A finding about a file that has no text: one that is missing or unreadable. */
export const ofFile = (file: string, message: string): Diagnostic => ({
  severity: "error",
  position: { file, line: 1, column: 1 },
  message,
  line: "",
  length: 1
})

/** `file:line:column`, as terminals and editors make a link of it. */
export const renderPosition = (position: Ir.Position): string => `${position.file}:${position.line}:${position.column}`

/** How much of a long line is shown around the place. */
const window = 140

const excerpt = (self: Diagnostic): string => {
  const column = self.position.column - 1
  const from = self.line.length <= window ? 0 : Math.max(0, Math.min(column - window / 2, self.line.length - window))
  const shown = self.line.slice(from, from + window)
  const pad = shown.slice(0, column - from).replace(/[^\t]/g, " ")
  const carets = "^".repeat(Math.max(1, Math.min(self.length, shown.length - (column - from))))
  return `  ${shown}\n  ${pad}${carets}`
}

/** The first line is `file:line:column: message`; the source line and a caret below the place follow where there is one. */
export const render = (self: Diagnostic): string => {
  const word = self.severity === "warning" ? "warning: " : ""
  const head = `${renderPosition(self.position)}: ${word}${self.message}`
  return self.line.trim() === "" ? head : `${head}\n${excerpt(self)}`
}

/** By file, line and column; the sort is stable, so findings of one place stay in the order they were made. */
export const sort = (diagnostics: ReadonlyArray<Diagnostic>): ReadonlyArray<Diagnostic> =>
  [...diagnostics].sort((a, b) => {
    if (a.position.file !== b.position.file) return a.position.file < b.position.file ? -1 : 1
    return a.position.line - b.position.line || a.position.column - b.position.column
  })

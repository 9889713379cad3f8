/** The imports of a TypeScript module, found without a parser: TypeScript 7 has no API for one. */

export interface Import {
  readonly specifier: string
  /** Erased at run time. */
  readonly typeOnly: boolean
  readonly line: number
}

// A statement is: import|export, clause, from "x" | import "x" | import("x"). Clauses hold no quotes and no parentheses.
const statement = /^[ \t]*(import|export)\s+(type\s+)?([^"'()=;]*?)\s*from\s*"([^"]+)"|^[ \t]*import\s+"([^"]+)"/gm
const dynamic = /\bimport\(\s*"([^"]+)"\s*\)/g

export const parse = (text: string): ReadonlyArray<Import> => {
  const code = blankComments(text)
  const found: Array<Import> = []
  for (const match of code.matchAll(statement)) {
    found.push({
      specifier: match[4] ?? match[5] ?? "",
      typeOnly: match[2] !== undefined || isTypeClause(match[3] ?? ""),
      line: lineAt(code, match.index + match[0].search(/\S/))
    })
  }
  for (const match of code.matchAll(dynamic)) {
    found.push({ specifier: match[1] ?? "", typeOnly: isTypeQuery(code, match.index), line: lineAt(code, match.index) })
  }
  return found
}

/** `{ type A, type B }`: all names are types. */
const isTypeClause = (clause: string): boolean => {
  const names = /^\{([^}]*)\}$/.exec(clause)?.[1]?.split(",")
  return names !== undefined && names.every((name) => name.trim() === "" || name.trim().startsWith("type "))
}

/** `typeof import("x")` and `: import("x").T` are types; `await import("x")` and `= import("x")` are not. */
const isTypeQuery = (code: string, index: number): boolean => /(typeof|[:<|&,])\s*$/.test(code.slice(0, index))

const lineAt = (text: string, index: number): number => text.slice(0, index).split("\n").length

/** Comments become spaces, so that lines and offsets stay; strings and templates stay as they are. */
export const blankComments = (text: string): string =>
  text.replaceAll(/"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, (part) =>
    part.startsWith("/") ? part.replaceAll(/[^\n]/g, " ") : part
  )

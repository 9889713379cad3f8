/**
 * Comments to documentation: which comment belongs to which declaration, and its text without comment signs.
 */
import type * as Source from "./Source.ts"
import type { Comment, Token } from "./Lexer.ts"

const withoutCommonIndent = (lines: ReadonlyArray<string>): ReadonlyArray<string> => {
  const indents = lines.filter((line) => line.trim() !== "").map((line) => line.length - line.trimStart().length)
  const indent = indents.reduce((least, each) => Math.min(least, each), Number.POSITIVE_INFINITY)
  return lines.map((line) => (line.trim() === "" ? "" : line.slice(indent).trimEnd()))
}

const trimBlankLines = (lines: ReadonlyArray<string>): string => {
  let first = 0
  let last = lines.length
  while (first < last && lines[first] === "") first++
  while (last > first && lines[last - 1] === "") last--
  return lines.slice(first, last).join("\n")
}

const blockText = (raw: string): string => {
  const [head = "", ...rest] = raw
    .slice(2, -2)
    .replace(/^\*+/, "")
    .replace(/\*+$/, "")
    .split(/\r\n|\r|\n/)
  const starred = rest.every((line) => line.trim() === "" || line.trimStart().startsWith("*"))
  const body = starred ? rest.map((line) => line.replace(/^\s*\*/, "")) : rest
  return trimBlankLines([head.trim(), ...withoutCommonIndent(body)])
}

const linesText = (raws: ReadonlyArray<string>): string =>
  trimBlankLines(withoutCommonIndent(raws.map((raw) => raw.replace(/^(?:\/{2,}|#+)/, ""))))

const textOf = (source: Source.Source, comments: ReadonlyArray<Comment>): string => {
  const parts: Array<string> = []
  for (let index = 0; index < comments.length; index++) {
    const lines: Array<string> = []
    while (comments[index]?.style === "line") {
      lines.push(source.text.slice(comments[index]!.start, comments[index]!.end))
      index++
    }
    if (lines.length > 0) parts.push(linesText(lines))
    const block = comments[index]
    if (block !== undefined) parts.push(blockText(source.text.slice(block.start, block.end)))
  }
  return parts.filter((part) => part !== "").join("\n")
}

const newline = /\r\n|\r|\n/

const breaksBetween = (source: Source.Source, start: number, end: number): number =>
  start >= end ? 0 : source.text.slice(start, end).split(newline, 3).length - 1

/** The comments before a token that do not stand on the line on which the token before it ends. */
const own = (source: Source.Source, previous: Token | undefined, token: Token): ReadonlyArray<Comment> => {
  if (previous === undefined || token.comments.length === 0) return token.comments
  const first = token.comments.findIndex((comment) => breaksBetween(source, previous.end, comment.start) > 0)
  const last = token.comments[token.comments.length - 1]!
  if (first >= 0) return token.comments.slice(first)
  return breaksBetween(source, last.end, token.start) > 0 ? [] : token.comments
}

/** Where the last run of comments without an empty line between them begins. */
const lastRun = (source: Source.Source, comments: ReadonlyArray<Comment>): number => {
  let index = comments.length - 1
  while (index > 0 && breaksBetween(source, comments[index - 1]!.end, comments[index]!.start) < 2) index--
  return index
}

/**
 * The documentation of what begins with `token`: the comments directly before it, without an empty line between, or the
 * last `/**` comment whatever is between.
 */
export const leading = (source: Source.Source, previous: Token | undefined, token: Token): string => {
  if (token.comments.length === 0) return ""
  const comments = own(source, previous, token)
  const last = comments[comments.length - 1]
  if (last === undefined) return ""
  if (breaksBetween(source, last.end, token.start) < 2) {
    return textOf(source, comments.slice(lastRun(source, comments)))
  }
  return last.style === "doc" ? textOf(source, [last]) : ""
}

/** The comments that follow `last` on its line, when nothing else does; `next` is the token after it. */
export const trailing = (source: Source.Source, last: Token, next: Token): string => {
  if (next.comments.length === 0) return ""
  const apart = next.comments.findIndex((comment) => breaksBetween(source, last.end, comment.start) > 0)
  const same = apart < 0 ? next.comments : next.comments.slice(0, apart)
  const after = same[same.length - 1]
  if (after === undefined) return ""
  const isAlone = apart >= 0 || next.kind === "end" || breaksBetween(source, after.end, next.start) > 0
  return isAlone ? textOf(source, same) : ""
}

/** The file's own documentation: a `/**` comment before its first header, or one apart from its first declaration. */
export const ofFile = (source: Source.Source, first: Token, isHeader: boolean): string => {
  const docs = first.comments.filter((comment) => comment.style === "doc")
  const candidate = isHeader ? docs[docs.length - 1] : docs[0]
  if (candidate === undefined) return ""
  if (!isHeader && candidate === first.comments[first.comments.length - 1]) return ""
  return textOf(source, [candidate])
}

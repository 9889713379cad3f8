/**
 * One IDL file's text, and the way from an offset in it to a line and column.
 */
import type * as Ir from "./Ir.ts"

/** A half-open range of UTF-16 offsets in a source. */
export interface Span {
  readonly start: number
  readonly end: number
}

/** The text of one file. */
export interface Source {
  /** The path it was read from, as messages show it. */
  readonly path: string
  /** The text without a byte order mark. */
  readonly text: string
  /** The offset at which each line starts; the first is 0. */
  readonly lineStarts: ReadonlyArray<number>
}

const startsOf = (text: string): ReadonlyArray<number> => {
  const starts = [0]
  for (let offset = 0; offset < text.length; offset++) {
    const code = text.charCodeAt(offset)
    if (code === 10 || (code === 13 && text.charCodeAt(offset + 1) !== 10)) starts.push(offset + 1)
  }
  return starts
}

/** A source from its path and its text; lines end with LF, CR LF or CR. */
export const make = (path: string, content: string): Source => {
  const text = content.charCodeAt(0) === 0xfeff ? content.slice(1) : content
  return { path, text, lineStarts: startsOf(text) }
}

/** The index, from 0, of the line that holds `offset`. */
export const lineIndex = (self: Source, offset: number): number => {
  let low = 0
  let high = self.lineStarts.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (self.lineStarts[middle]! <= offset) low = middle
    else high = middle - 1
  }
  return low
}

/** Line and column, both from 1, of an offset. */
export const position = (self: Source, offset: number): Ir.Position => {
  const index = lineIndex(self, offset)
  return { file: self.path, line: index + 1, column: offset - self.lineStarts[index]! + 1 }
}

/** The text of the line with the given index (from 0), without its end. */
export const lineAt = (self: Source, index: number): string => {
  const start = self.lineStarts[index] ?? self.text.length
  const next = self.lineStarts[index + 1] ?? self.text.length
  return self.text.slice(start, next).replace(/[\r\n]+$/, "")
}

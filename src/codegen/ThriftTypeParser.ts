/**
 * The parts of the grammar that nest: types, constant values, and the annotations that may follow anything.
 */
import type * as Ast from "./ThriftAst.ts"
import { Unexpected } from "./Cursor.ts"
import type { Cursor } from "./ThriftCursor.ts"
import * as ThriftLexer from "./ThriftLexer.ts"

/** How deep types and constants may nest. */
export const maximumDepth = 100

const guard = (cursor: Cursor, depth: number, what: string): void => {
  if (depth > maximumDepth) {
    throw new Unexpected(`${what} nests deeper than ${maximumDepth} levels`, cursor.peek())
  }
}

const annotationValue = (cursor: Cursor): string => {
  const token = cursor.peek()
  if (token.kind === "end" || token.kind === "symbol") cursor.fail("the annotation's value, a string")
  return cursor.take().text
}

/** `(key = "value", key)`, or nothing. */
export const annotations = (cursor: Cursor): ReadonlyArray<Ast.Annotation> => {
  const found: Array<Ast.Annotation> = []
  while (cursor.trySymbol("(")) {
    while (!cursor.trySymbol(")")) {
      const key = cursor.expectWord("an annotation's name or `)`").text
      found.push({ key, value: cursor.trySymbol("=") ? annotationValue(cursor) : "1" })
      cursor.separator()
    }
  }
  return found
}

/** The old `cpp_type "..."`, kept as the annotation that replaced it. */
const cppType = (cursor: Cursor): ReadonlyArray<Ast.Annotation> => {
  if (!cursor.isWord("cpp_type") || cursor.peek(1).kind !== "string") return []
  cursor.take()
  return [{ key: "cpp.type", value: cursor.take().text }]
}

const isContainer = (cursor: Cursor, name: string): boolean =>
  cursor.isWord(name) && (cursor.isSymbol("<", 1) || (cursor.isWord("cpp_type", 1) && cursor.peek(2).kind === "string"))

const spanFrom = (cursor: Cursor, start: number) => ({ start, end: cursor.previous?.end ?? start })

const sequence = (cursor: Cursor, kind: "list" | "set", depth: number): Ast.Type => {
  const start = cursor.take().start
  const before = cppType(cursor)
  cursor.expectSymbol("<", `after \`${kind}\``)
  const element = type(cursor, depth + 1)
  cursor.expectSymbol(">", `after the ${kind}'s element type`)
  const span = spanFrom(cursor, start)
  return { kind, element, span, annotations: [...before, ...cppType(cursor), ...annotations(cursor)] }
}

const map = (cursor: Cursor, depth: number): Ast.Type => {
  const start = cursor.take().start
  const before = cppType(cursor)
  cursor.expectSymbol("<", "after `map`")
  const key = type(cursor, depth + 1)
  cursor.expectSymbol(",", "between the map's key and value type")
  const value = type(cursor, depth + 1)
  cursor.expectSymbol(">", "after the map's value type")
  const span = spanFrom(cursor, start)
  return { kind: "map", key, value, span, annotations: [...before, ...cppType(cursor), ...annotations(cursor)] }
}

/** A type with its annotations. */
export const type = (cursor: Cursor, depth = 0): Ast.Type => {
  guard(cursor, depth, "this type")
  if (isContainer(cursor, "list")) return sequence(cursor, "list", depth)
  if (isContainer(cursor, "set")) return sequence(cursor, "set", depth)
  if (isContainer(cursor, "map")) return map(cursor, depth)
  const token = cursor.expectWord("a type")
  if (cursor.isSymbol("<")) {
    throw new Unexpected(`\`${token.text}\` takes no type arguments; expected \`list\`, \`set\` or \`map\``, token)
  }
  const span = { start: token.start, end: token.end }
  return { kind: "name", name: token.text, span, annotations: annotations(cursor) }
}

const listValue = (cursor: Cursor, depth: number): Ast.Value => {
  const start = cursor.take().start
  const elements: Array<Ast.Value> = []
  while (!cursor.trySymbol("]")) {
    elements.push(value(cursor, depth + 1, "a value or `]`"))
    cursor.separator()
  }
  return { kind: "list", elements, span: spanFrom(cursor, start) }
}

const mapValue = (cursor: Cursor, depth: number): Ast.Value => {
  const start = cursor.take().start
  const entries: Array<readonly [Ast.Value, Ast.Value]> = []
  while (!cursor.trySymbol("}")) {
    const key = value(cursor, depth + 1, "a key or `}`")
    cursor.expectSymbol(":", "between a key and its value")
    entries.push([key, value(cursor, depth + 1)])
    cursor.separator()
  }
  return { kind: "map", entries, span: spanFrom(cursor, start) }
}

/** The right-hand side of a constant or default. */
export const value = (cursor: Cursor, depth = 0, expected = "a value"): Ast.Value => {
  guard(cursor, depth, "this constant")
  if (cursor.isSymbol("[")) return listValue(cursor, depth)
  if (cursor.isSymbol("{")) return mapValue(cursor, depth)
  const token = cursor.peek()
  if (token.kind === "symbol" || token.kind === "end") cursor.fail(expected)
  cursor.take()
  const span = { start: token.start, end: token.end }
  if (token.kind === "int") return { kind: "int", value: ThriftLexer.toBigInt(token.text), span }
  if (token.kind === "double") return { kind: "double", value: Number(token.text), span }
  if (token.kind === "string") return { kind: "string", value: token.text, span }
  return { kind: "name", name: token.text, span }
}

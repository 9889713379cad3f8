/**
 * The part of the grammar that is about options: their names, and values up to whole messages in text format.
 */
import type * as Ast from "./ProtoAst.ts"
import { Unexpected } from "./Cursor.ts"
import type { Cursor } from "./ProtoCursor.ts"
import * as ProtoLexer from "./ProtoLexer.ts"

/** How deep values may nest. */
export const maximumDepth = 100

const guard = (cursor: Cursor, depth: number): void => {
  if (depth > maximumDepth) throw new Unexpected(`a value nests deeper than ${maximumDepth} levels`, cursor.peek())
}

const namePart = (cursor: Cursor): Ast.NamePart => {
  const start = cursor.peek().start
  if (!cursor.trySymbol("(")) {
    return { ...cursor.expectName("an option's name, or an extension's in parentheses"), isExtension: false }
  }
  const { text } = cursor.expectDotted("the name of an extension", true)
  cursor.expectSymbol(")", "after the extension's name")
  return { text, isExtension: true, span: cursor.spanFrom(start) }
}

const optionName = (cursor: Cursor): ReadonlyArray<Ast.NamePart> => {
  const parts = [namePart(cursor)]
  while (cursor.trySymbol(".")) parts.push(namePart(cursor))
  return parts
}

const numeric = (cursor: Cursor, isNegative: boolean, start: number): Ast.Value | undefined => {
  const { kind, text } = cursor.peek()
  if (kind !== "int" && kind !== "double") return undefined
  cursor.take()
  const span = cursor.spanFrom(start)
  if (kind === "int") {
    const value = ProtoLexer.toBigInt(text)
    // Negative zero is a value of its own only among floating-point numbers.
    if (isNegative && value === 0n) return { kind: "double", value: -0, span }
    return { kind: "int", value: isNegative ? -value : value, span }
  }
  return { kind: "double", value: isNegative ? -Number(text) : Number(text), span }
}

/** Numbers, words and strings, which stand everywhere. */
const simple = (cursor: Cursor, what: string): Ast.Value => {
  const start = cursor.peek().start
  if (cursor.peek().kind === "string") return { kind: "string", ...cursor.expectBytes(what) }
  const isNegative = cursor.trySymbol("-")
  const number = numeric(cursor, isNegative, start)
  if (number !== undefined) return number
  const isWord = cursor.peek().kind === "word"
  if (!isWord || (isNegative && !/^(?:inf|infinity|nan)$/i.test(cursor.peek().text))) {
    cursor.fail(isNegative ? "a number after `-`" : what)
  }
  const { text } = cursor.take()
  return { kind: "word", text, isNegative, span: cursor.spanFrom(start) }
}

/** `[acme.extension]` or `[type.googleapis.com/acme.Message]` */
const bracketName = (cursor: Cursor): Ast.EntryName => {
  const start = cursor.take().start
  let { text } = cursor.expectDotted("the name of an extension, or a type URL", false)
  let isUrl = false
  while (cursor.trySymbol("/")) {
    isUrl = true
    text += `/${cursor.expectDotted("the rest of the type URL after `/`", false).text}`
  }
  cursor.expectSymbol("]", "after the name")
  return { text, kind: isUrl ? "any" : "extension", span: cursor.spanFrom(start) }
}

const entry = (cursor: Cursor, depth: number): Ast.Entry => {
  const name: Ast.EntryName = cursor.isSymbol("[")
    ? bracketName(cursor)
    : { ...cursor.expectName("a field's name"), kind: "field" }
  const hasColon = cursor.trySymbol(":")
  const isMessage = cursor.isSymbol("{") || cursor.isSymbol("<") || cursor.isSymbol("[")
  if (!hasColon && !isMessage) cursor.fail("`:` and a value, or a message in braces")
  const value = textValue(cursor, depth)
  if (!cursor.trySymbol(",")) cursor.trySymbol(";")
  return { name, hasColon, value }
}

const entries = (cursor: Cursor, depth: number): Ast.Value => {
  guard(cursor, depth)
  const open = cursor.take()
  const close = open.text === "<" ? ">" : "}"
  const found: Array<Ast.Entry> = []
  while (!cursor.isSymbol(close)) {
    if (cursor.peek().kind === "end") cursor.fail(`\`${close}\` to close the value`)
    found.push(entry(cursor, depth + 1))
  }
  cursor.take()
  return { kind: "entries", entries: found, span: cursor.spanFrom(open.start) }
}

const list = (cursor: Cursor, depth: number): Ast.Value => {
  guard(cursor, depth)
  const open = cursor.take()
  const elements: Array<Ast.Value> = []
  if (!cursor.isSymbol("]")) {
    do elements.push(textValue(cursor, depth + 1))
    while (cursor.trySymbol(","))
  }
  cursor.expectSymbol("]", "or `,` in the list")
  return { kind: "list", elements, span: cursor.spanFrom(open.start) }
}

const textValue = (cursor: Cursor, depth: number): Ast.Value => {
  if (cursor.isSymbol("{") || cursor.isSymbol("<")) return entries(cursor, depth)
  if (cursor.isSymbol("[")) return list(cursor, depth)
  return simple(cursor, "a value")
}

const optionValue = (cursor: Cursor): Ast.Value =>
  cursor.isSymbol("{")
    ? entries(cursor, 0)
    : simple(cursor, "the option's value: a number, a string, a name, or a message in braces")

const assignment = (cursor: Cursor): Ast.Option => {
  const start = cursor.peek().start
  const parts = optionName(cursor)
  cursor.expectSymbol("=", "after the option's name")
  const value = optionValue(cursor)
  return { parts, value, span: cursor.spanFrom(start) }
}

/** `option name = value;` */
export const statement = (cursor: Cursor): Ast.Option => {
  cursor.take()
  const option = assignment(cursor)
  cursor.expectSymbol(";", "after the option")
  return option
}

/** `[name = value, name = value]`, or nothing. */
export const bracketed = (cursor: Cursor): ReadonlyArray<Ast.Option> => {
  if (!cursor.trySymbol("[")) return []
  const options: Array<Ast.Option> = []
  do options.push(assignment(cursor))
  while (cursor.trySymbol(","))
  cursor.expectSymbol("]", "or `,` after the option")
  return options
}

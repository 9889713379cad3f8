/**
 * Protobuf text to its tree: proto2, proto3 and editions. What a syntax allows of the grammar is settled here; what names
 * and numbers mean is the checker's.
 */
import type * as Diagnostic from "./Diagnostic.ts"
import type * as Ast from "./ProtoAst.ts"
import { Cursor } from "./ProtoCursor.ts"
import * as ProtoLexer from "./ProtoLexer.ts"
import * as ProtoMessageParser from "./ProtoMessageParser.ts"
import * as ProtoOptionParser from "./ProtoOptionParser.ts"
import type * as Source from "./Source.ts"
import * as DocComment from "./DocComment.ts"

/** A tree, and the syntax errors beside it. */
export interface Parsed {
  readonly document: Ast.Document
  readonly diagnostics: ReadonlyArray<Diagnostic.Diagnostic>
}

const editions = ["2023", "2024", "2026"] as const

const syntaxLine = (cursor: Cursor): Ast.Document["edition"] => {
  const word = cursor.take().text
  cursor.expectSymbol("=", `after \`${word}\``)
  const wanted = word === "syntax" ? '"proto2" or "proto3"' : '"2023", "2024" or "2026"'
  const value = cursor.expectText(wanted)
  cursor.expectSymbol(";", `after the ${word}`)
  const known: ReadonlyArray<Ast.Document["edition"]> = word === "syntax" ? ["proto2", "proto3"] : editions
  const found = known.find((each) => each === value.text)
  if (found !== undefined) return found
  const hint =
    word === "syntax" && /^[0-9]/.test(value.text) ? `; for an edition write \`edition = "${value.text}"\`` : ""
  cursor.report(value.span, `there is no ${word} "${value.text}"; expected ${wanted}${hint}`)
  return "proto3"
}

const importLine = (cursor: Cursor): Ast.Import => {
  cursor.take()
  const isModified = cursor.isWord("public") || cursor.isWord("weak") || cursor.isWord("option")
  const kind = isModified ? (cursor.take().text as Ast.Import["kind"]) : "plain"
  const path = cursor.expectText("the path of a file to import, in quotes")
  cursor.expectSymbol(";", "after the import")
  return { path: path.text, kind, span: path.span }
}

const packageLine = (cursor: Cursor): Ast.Name => {
  cursor.take()
  const name = cursor.expectDotted("the package's name", false)
  cursor.expectSymbol(";", "after the package's name")
  if (name.text.length > 511) cursor.report(name.span, "a package's name has at most 511 characters")
  if (name.text.split(".").length > 100) cursor.report(name.span, "a package's name has at most 100 parts")
  return name
}

const methodType = (cursor: Cursor): { readonly name: Ast.Name; readonly isStream: boolean } => {
  cursor.expectSymbol("(", "before the method's message")
  const isStream = cursor.tryWord("stream")
  const name = cursor.expectDotted("the name of a message", true)
  cursor.expectSymbol(")", "after the name of the message")
  return { name, isStream }
}

const method = (cursor: Cursor): Ast.Method => {
  const before = cursor.doc()
  cursor.take()
  const name = cursor.expectName("the method's name")
  const input = methodType(cursor)
  if (!cursor.tryWord("returns")) cursor.fail("`returns` after the method's request")
  const output = methodType(cursor)
  const options = methodOptions(cursor)
  return {
    kind: "method",
    name,
    doc: cursor.docOr(before),
    options,
    input: input.name,
    output: output.name,
    clientStreaming: input.isStream,
    serverStreaming: output.isStream
  }
}

const methodOptions = (cursor: Cursor): ReadonlyArray<Ast.Option> => {
  if (!cursor.isSymbol("{")) {
    cursor.expectSymbol(";", "or a block of options after the method")
    return []
  }
  return cursor.block("the method", () =>
    cursor.isWord("option") ? ProtoOptionParser.statement(cursor) : cursor.fail("`option` or `}` in a method")
  )
}

const service = (cursor: Cursor): Ast.Service => {
  const before = cursor.doc()
  cursor.take()
  const name = cursor.expectName("the service's name")
  const options: Array<Ast.Option> = []
  const methods = cursor.block(`service \`${name.text}\``, () => {
    if (cursor.isWord("rpc")) return method(cursor)
    if (!cursor.isWord("option")) cursor.fail("`rpc`, `option` or `}` in a service")
    options.push(ProtoOptionParser.statement(cursor))
    return undefined
  })
  return { kind: "service", name, doc: before, options, methods }
}

type Mutable<A> = { -readonly [K in keyof A]: A[K] }

const item = (cursor: Cursor, edition: Ast.Document["edition"]): Ast.Document["items"][number] => {
  const declared = ProtoMessageParser.declaration(cursor, edition, 0)
  if (declared !== undefined) return declared
  if (cursor.isWord("service")) return service(cursor)
  if (cursor.isWord("syntax") || cursor.isWord("edition")) {
    return cursor.fail(`\`${cursor.peek().text}\` only as the first statement of the file; here a declaration`)
  }
  return cursor.fail("message, enum, service, extend, import, package or option")
}

const statements = (cursor: Cursor, edition: Ast.Document["edition"], doc: string): Ast.Document => {
  const items: Array<Ast.Document["items"][number]> = []
  const imports: Array<Ast.Import> = []
  const options: Array<Ast.Option> = []
  const document: Mutable<Ast.Document> = {
    doc,
    edition,
    package: undefined,
    imports,
    options,
    items,
    damaged: cursor.damaged
  }
  while (cursor.peek().kind !== "end") {
    if (cursor.trySymbol(";")) continue
    if (cursor.isSymbol("}")) {
      cursor.report(cursor.peek(), "this `}` closes nothing; expected a declaration or the end of the file")
      cursor.take()
      continue
    }
    cursor.attempt(() => {
      if (cursor.isWord("import")) return imports.push(importLine(cursor))
      if (cursor.isWord("option")) return options.push(ProtoOptionParser.statement(cursor))
      if (!cursor.isWord("package")) return items.push(item(cursor, edition))
      const name = packageLine(cursor)
      if (document.package !== undefined) cursor.report(name.span, "a file has one package; this is its second")
      document.package ??= name
      return 0
    })
  }
  return document
}

/** Parses one text; the tree holds what could be read, the findings what could not. Never throws. */
export const parse = (source: Source.Source): Parsed => {
  const lexed = ProtoLexer.tokenize(source)
  const cursor = new Cursor(source, lexed.tokens)
  const first = cursor.peek()
  const isHeader = ["syntax", "edition", "package", "import"].includes(first.text)
  const doc = DocComment.ofFile(source, first, isHeader)
  while (cursor.trySymbol(";"));
  const hasSyntax = cursor.isWord("syntax") || cursor.isWord("edition")
  const edition = hasSyntax ? cursor.attempt(() => syntaxLine(cursor)) : "proto2"
  const document = statements(cursor, edition ?? "proto3", doc)
  // What the lexer says comes first: what the parser makes of the same place follows from it.
  const told = new Set(lexed.diagnostics.map((each) => each.position.line))
  const own = cursor.diagnostics.filter((each) => !told.has(each.position.line))
  return { document, diagnostics: [...lexed.diagnostics, ...own] }
}

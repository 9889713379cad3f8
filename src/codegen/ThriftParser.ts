/**
 * Tokens to a document: headers and declarations. After a syntax error the parser goes on with the next item or
 * declaration, so that one run tells all errors of a file.
 */
import type * as Diagnostic from "./Diagnostic.ts"
import type { Source } from "./Source.ts"
import type * as Ast from "./ThriftAst.ts"
import { Cursor } from "./ThriftCursor.ts"
import * as DocComment from "./DocComment.ts"
import type { Token } from "./Lexer.ts"
import * as ThriftLexer from "./ThriftLexer.ts"
import * as ThriftTypeParser from "./ThriftTypeParser.ts"

/** A document, however broken the text, and what is wrong with it. */
export interface Parsed {
  readonly document: Ast.Document
  readonly diagnostics: ReadonlyArray<Diagnostic.Diagnostic>
}

interface Building {
  readonly includes: Array<Ast.Include>
  readonly cppIncludes: Array<string>
  readonly namespaces: Array<Ast.Namespace>
  readonly declarations: Array<Ast.Declaration>
}

const reference = (cursor: Cursor, what: string): Ast.Name => {
  const token = cursor.expectWord(what)
  return { text: token.text, span: { start: token.start, end: token.end } }
}

/** A name that is declared here. */
const name = (cursor: Cursor, what: string): Ast.Name => {
  if (cursor.isDeclarationHead()) cursor.fail(what)
  const named = reference(cursor, what)
  if (named.text.includes(".")) {
    cursor.report(named.span, `expected ${what}, found \`${named.text}\`: a dot leads into an included file`)
  }
  return named
}

const integer = (cursor: Cursor, what: string): { readonly value: bigint; readonly span: Ast.Name["span"] } => {
  if (cursor.peek().kind !== "int") cursor.fail(what)
  const token = cursor.take()
  return { value: ThriftLexer.toBigInt(token.text), span: { start: token.start, end: token.end } }
}

const fieldId = (cursor: Cursor): Ast.Field["id"] => {
  if (cursor.peek().kind !== "int") return undefined
  const id = integer(cursor, "a field id")
  cursor.expectSymbol(":", "after the field's id")
  return id
}

/** `required` and `optional` are words of the grammar only where a type follows. */
const requiredness = (cursor: Cursor): Ast.Field["requiredness"] => {
  const word = cursor.peek()
  if (word.kind !== "word" || (word.text !== "required" && word.text !== "optional")) return "default"
  if (cursor.peek(1).kind !== "word") return "default"
  cursor.take()
  return word.text
}

/** XML schema marks of the first Thrift: read, and of no meaning since. */
const xsdMarks = (cursor: Cursor): void => {
  cursor.tryWord("xsd_optional")
  cursor.tryWord("xsd_nillable")
  if (cursor.isWord("xsd_attrs") && cursor.isSymbol("{", 1)) {
    cursor.take()
    cursor.take()
    fields(cursor, "}", "the attributes")
  }
}

const field = (cursor: Cursor): Ast.Field => {
  const doc = cursor.doc()
  const id = fieldId(cursor)
  const required = requiredness(cursor)
  const type = ThriftTypeParser.type(cursor)
  cursor.trySymbol("&")
  const named = name(cursor, "the field's name")
  const value = cursor.trySymbol("=") ? ThriftTypeParser.value(cursor) : undefined
  xsdMarks(cursor)
  const annotations = ThriftTypeParser.annotations(cursor)
  cursor.separator()
  const fullDoc = cursor.docWithTrailing(doc)
  return { id, requiredness: required, type, name: named, default: value, annotations, doc: fullDoc }
}

const fields = (cursor: Cursor, close: string, of: string): ReadonlyArray<Ast.Field> =>
  cursor.items(close, of, () => field(cursor))

const message = (cursor: Cursor, kind: Ast.Message["kind"], doc: string): Ast.Message => {
  const named = name(cursor, `the ${kind}'s name`)
  cursor.tryWord("xsd_all")
  cursor.expectSymbol("{", `after the ${kind}'s name`)
  const members = fields(cursor, "}", `${kind} \`${named.text}\``)
  return { kind, name: named, fields: members, annotations: ThriftTypeParser.annotations(cursor), doc }
}

const enumMember = (cursor: Cursor): Ast.EnumMember => {
  const doc = cursor.doc()
  const named = name(cursor, "an enum member's name")
  const value = cursor.trySymbol("=") ? integer(cursor, "the member's value, an integer") : undefined
  const annotations = ThriftTypeParser.annotations(cursor)
  cursor.separator()
  return { name: named, value, annotations, doc: cursor.docWithTrailing(doc) }
}

const enumeration = (cursor: Cursor, doc: string): Ast.Enum => {
  const named = name(cursor, "the enum's name")
  cursor.expectSymbol("{", "after the enum's name")
  const members = cursor.items("}", `enum \`${named.text}\``, () => enumMember(cursor))
  return { kind: "enum", name: named, members, annotations: ThriftTypeParser.annotations(cursor), doc }
}

const senum = (cursor: Cursor, doc: string): Ast.Senum => {
  const named = name(cursor, "the senum's name")
  cursor.expectSymbol("{", "after the senum's name")
  const values = cursor.items("}", `senum \`${named.text}\``, () => {
    const value = cursor.expectString("a string")
    cursor.separator()
    return value
  })
  return { kind: "senum", name: named, values, annotations: ThriftTypeParser.annotations(cursor), doc }
}

/** `oneway`, or `async` as it was called first; as the name of a type it stands directly before a method's name. */
const oneway = (cursor: Cursor): boolean => {
  if (!cursor.isWord("oneway") && !cursor.isWord("async")) return false
  const isName = cursor.isSymbol("(", 2) && !cursor.isSymbol("=", 4)
  if (cursor.peek(1).kind !== "word" || isName) return false
  cursor.take()
  return true
}

const method = (cursor: Cursor): Ast.Method => {
  const doc = cursor.doc()
  const isOneway = oneway(cursor)
  const returns = ThriftTypeParser.type(cursor)
  const named = name(cursor, "the method's name")
  cursor.expectSymbol("(", "after the method's name")
  const args = fields(cursor, ")", `the arguments of \`${named.text}\``)
  let throws: ReadonlyArray<Ast.Field> = []
  if (cursor.tryWord("throws")) {
    cursor.expectSymbol("(", "after `throws`")
    throws = fields(cursor, ")", `the exceptions of \`${named.text}\``)
  }
  const annotations = ThriftTypeParser.annotations(cursor)
  cursor.separator()
  const fullDoc = cursor.docWithTrailing(doc)
  return { oneway: isOneway, returns, name: named, arguments: args, throws, annotations, doc: fullDoc }
}

const service = (cursor: Cursor, doc: string): Ast.Service => {
  const named = name(cursor, "the service's name")
  const parent = cursor.tryWord("extends") ? reference(cursor, "the name of the service to extend") : undefined
  cursor.expectSymbol("{", "after the service's name")
  const methods = cursor.items("}", `service \`${named.text}\``, () => method(cursor))
  return {
    kind: "service",
    name: named,
    extends: parent,
    methods,
    annotations: ThriftTypeParser.annotations(cursor),
    doc
  }
}

const constant = (cursor: Cursor, doc: string): Ast.Const => {
  const type = ThriftTypeParser.type(cursor)
  const named = name(cursor, "the constant's name")
  cursor.expectSymbol("=", "after the constant's name")
  const value = ThriftTypeParser.value(cursor)
  return { kind: "const", type, name: named, value, annotations: ThriftTypeParser.annotations(cursor), doc }
}

const typedef = (cursor: Cursor, doc: string): Ast.Typedef => {
  const type = ThriftTypeParser.type(cursor)
  const named = name(cursor, "the new type's name")
  return { kind: "typedef", type, name: named, annotations: ThriftTypeParser.annotations(cursor), doc }
}

const declarations = "a declaration (`struct`, `union`, `exception`, `enum`, `service`, `const`, `typedef`) or a header"

const declaration = (cursor: Cursor): Ast.Declaration => {
  const doc = cursor.doc()
  const keyword = cursor.expectWord(declarations)
  switch (keyword.text) {
    case "struct":
    case "union":
    case "exception":
      return message(cursor, keyword.text, doc)
    case "enum":
      return enumeration(cursor, doc)
    case "senum":
      return senum(cursor, doc)
    case "service":
      return service(cursor, doc)
    case "const":
      return constant(cursor, doc)
    case "typedef":
      return typedef(cursor, doc)
    default:
      cursor.index--
      return cursor.fail(declarations)
  }
}

const include = (cursor: Cursor, into: Building): void => {
  const start = cursor.take().start
  const path = cursor.expectString("the path of the file to include, a string")
  const end = cursor.previous?.end ?? start
  ThriftTypeParser.annotations(cursor)
  into.includes.push({ path, span: { start, end } })
  if (cursor.isSymbol(";") || cursor.isSymbol(",")) {
    cursor.report(
      cursor.peek(),
      `an include takes no \`${cursor.peek().text}\`; expected the next header or declaration`
    )
    cursor.take()
  }
}

const namespace = (cursor: Cursor, into: Building): void => {
  cursor.take()
  const scope = cursor.trySymbol("*") ? "*" : cursor.expectWord("a language, or `*` for all of them").text
  const target = cursor.peek().kind === "string" ? cursor.take() : cursor.expectWord("the namespace")
  into.namespaces.push({ scope, name: target.text, annotations: ThriftTypeParser.annotations(cursor) })
  cursor.separator()
}

/** The headers that named a language before `namespace` did, and the language that they are for. */
const oldNamespaces = new Map([
  ["cpp_namespace", "cpp"],
  ["php_namespace", "php"],
  ["py_module", "py"],
  ["perl_package", "perl"],
  ["ruby_namespace", "rb"],
  ["smalltalk_category", "smalltalk.category"],
  ["smalltalk_prefix", "smalltalk.prefix"],
  ["java_package", "java"],
  ["cocoa_prefix", "cocoa"],
  ["xsd_namespace", "xsd"],
  ["csharp_namespace", "csharp"],
  ["delphi_namespace", "delphi"]
])

/** Takes a header if one begins here. */
const header = (cursor: Cursor, into: Building): boolean => {
  const token = cursor.peek()
  if (token.kind !== "word") return false
  if (token.text === "include") {
    include(cursor, into)
    return true
  }
  if (token.text === "cpp_include") {
    cursor.take()
    into.cppIncludes.push(cursor.expectString("the path of the C++ header, a string"))
    return true
  }
  if (token.text === "namespace") {
    namespace(cursor, into)
    return true
  }
  const scope = oldNamespaces.get(token.text)
  if (scope === undefined) return false
  cursor.take()
  const target = cursor.peek().kind === "string" ? cursor.take() : cursor.expectWord("the namespace")
  into.namespaces.push({ scope, name: target.text, annotations: [] })
  cursor.separator()
  return true
}

const isHeader = (token: Token): boolean =>
  token.kind === "word" && (/^(?:cpp_)?include$|^namespace$/.test(token.text) || oldNamespaces.has(token.text))

const item = (cursor: Cursor, into: Building): void => {
  if (header(cursor, into)) return
  const declared = declaration(cursor)
  while (cursor.separator()) continue
  const isLine = declared.kind === "const" || declared.kind === "typedef"
  into.declarations.push(isLine ? { ...declared, doc: cursor.docWithTrailing(declared.doc) } : declared)
}

/** A document from a source. Always gives one, however broken the text; linear in its length. */
export const parse = (source: Source): Parsed => {
  const lexed = ThriftLexer.tokenize(source)
  const cursor = new Cursor(source, lexed.tokens)
  const into: Building = { includes: [], cppIncludes: [], namespaces: [], declarations: [] }
  const first = cursor.peek()
  while (cursor.peek().kind !== "end") {
    cursor.attempt(
      () => item(cursor, into),
      () => cursor.skipDeclaration()
    )
  }
  const doc = DocComment.ofFile(source, first, isHeader(first))
  return {
    document: { ...into, doc, damaged: cursor.damaged },
    diagnostics: [...lexed.diagnostics, ...cursor.diagnostics]
  }
}

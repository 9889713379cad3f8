/** .thrift texts compiled from memory, and tables of what is wrong with them. */
import { assert } from "@effect/vitest"
import * as Result from "effect/Result"
import * as Diagnostic from "../../src/codegen/Diagnostic.ts"
import type * as Ir from "../../src/codegen/Ir.ts"
import * as ThriftFrontEnd from "../../src/codegen/ThriftFrontEnd.ts"

export type Files = Record<string, string>

const all = (files: Files | string): Files => (typeof files === "string" ? { "t.thrift": files } : files)

/** Compiles `t.thrift`, or the files that are named; `warnings` hears what is said beside errors. */
export const compile = (
  files: Files | string,
  paths: ReadonlyArray<string> = ["t.thrift"],
  onWarning: (diagnostic: Diagnostic.Diagnostic) => void = () => {}
) => ThriftFrontEnd.compile(paths, { read: (path) => all(files)[path], onWarning })

/** All findings, errors and warnings, by place. */
export const findings = (files: Files | string): ReadonlyArray<Diagnostic.Diagnostic> => {
  const warnings: Array<Diagnostic.Diagnostic> = []
  const compiled = compile(files, ["t.thrift"], (each) => void warnings.push(each))
  return Diagnostic.sort(Result.isFailure(compiled) ? [...compiled.failure, ...warnings] : warnings)
}

/** The file that was asked for. */
export const file = (files: Files | string): Ir.File => {
  const compiled = compile(files)
  if (Result.isFailure(compiled)) return assert.fail(compiled.failure.map(Diagnostic.render).join("\n"))
  return compiled.success.files.at(-1)!
}

/** Stands in a text at each place of which something is said. */
const mark = "▸"

/** `file:line:column` of every mark, and the texts without them. */
const unmark = (marked: Files | string): { readonly files: Files; readonly places: ReadonlyArray<string> } => {
  const files: Files = {}
  const places: Array<string> = []
  for (const [path, text] of Object.entries(all(marked)).sort(([a], [b]) => (a < b ? -1 : 1))) {
    const [head = "", ...rest] = text.split(mark)
    let before = head
    for (const part of rest) {
      const lines = before.split("\n")
      places.push(`${path}:${lines.length}:${lines.at(-1)!.length + 1}`)
      before += part
    }
    files[path] = before
  }
  return { files, places }
}

/** A text with a mark at every place that is reported, and the messages in the order of the marks. */
export type Row = readonly [marked: Files | string, ...messages: ReadonlyArray<string>]

/** Fails with the text of which something else is said; the message of a warning begins with `warning: `. */
export const check = (rows: ReadonlyArray<Row>): void => {
  for (const [marked, ...messages] of rows) {
    const { files, places } = unmark(marked)
    const found = findings(files).map((each) => Diagnostic.render(each).split("\n")[0])
    assert.strictEqual(places.length, messages.length, `marks and messages of ${JSON.stringify(marked)}`)
    const wanted = messages.map((message, index) => `${places[index]}: ${message}`)
    assert.deepStrictEqual(found, wanted, JSON.stringify(marked))
  }
}

/** A type as the IDL writes it, typedefs kept. */
const plainType = (type: Ir.Type): string => {
  switch (type.kind) {
    case "scalar":
      return type.name
    case "list":
    case "set":
      return `${type.kind}<${plainType(type.element)}>`
    case "map":
      return `map<${plainType(type.key)},${plainType(type.value)}>`
    case "alias":
      return type.alias.name
    case "enum":
      return type.enum.name
    case "message":
      return type.message.name
  }
}

export const typeText = plainType

/** A value as plain data: a member as `Enum.MEMBER`, a constant as `=name`. */
export const plain = (value: Ir.Value): unknown => {
  switch (value.kind) {
    case "enum":
      return `${value.enum.name}.${value.member?.name ?? value.value}`
    case "list":
      return value.elements.map(plain)
    case "map":
      return value.entries.map(([key, content]) => [plain(key), plain(content)])
    case "message":
      return Object.fromEntries(value.fields.map(([field, content]) => [field.name, plain(content)]))
    case "constant":
      return `=${value.constant.name}`
    case "binary":
      return [...value.value]
    default:
      return value.value
  }
}

/** `1: required i32 a = 5` */
export const fieldText = (field: Ir.Field): string => {
  const required = field.requiredness === "default" ? "" : `${field.requiredness} `
  const value = field.default === undefined ? "" : ` = ${JSON.stringify(plain(field.default), shown)}`
  return `${field.id}: ${required}${plainType(field.type)} ${field.name}${value}`
}

const shown = (_key: string, value: unknown): unknown => (typeof value === "bigint" ? Number(value) : value)

/** Fields of the message with a name. */
export const fieldsOf = (of: Ir.File, name: string): ReadonlyArray<string> =>
  (of.messages.find((each) => each.name === name) ?? assert.fail(`no message ${name}`)).fields.map(fieldText)

/** The value of the constant with a name, as plain data. */
export const constant = (of: Ir.File, name: string): unknown =>
  plain((of.constants.find((each) => each.name === name) ?? assert.fail(`no constant ${name}`)).value)

/** Annotations as `key=value`. */
export const annotationsText = (annotations: ReadonlyArray<Ir.Annotation>): string =>
  annotations.map(({ key, value }) => `${key}=${value}`).join(" ")

/** .proto texts compiled from memory. */
import { assert } from "@effect/vitest"
import * as Result from "effect/Result"
import * as Diagnostic from "../../src/codegen/Diagnostic.ts"
import * as ProtoFrontEnd from "../../src/codegen/ProtoFrontEnd.ts"
import type * as ProtoIr from "../../src/codegen/ProtoIr.ts"

export type Files = Record<string, string>

/** Compiles `t.proto`, or the files that are named; `warnings` hears what is said beside errors. */
export const compile = (
  files: Files | string,
  paths: ReadonlyArray<string> = ["t.proto"],
  warnings: Array<string> = []
) => {
  const all: Files = typeof files === "string" ? { "t.proto": files } : files
  return ProtoFrontEnd.compile(paths, {
    read: (path) => all[path],
    onWarning: (each) => warnings.push(`${each.position.line}:${each.position.column} ${each.message}`)
  })
}

/** The last file: the one that was asked for. */
export const file = (files: Files | string): ProtoIr.File => {
  const compiled = compile(files)
  if (Result.isFailure(compiled)) {
    return assert.fail(compiled.failure.map(Diagnostic.render).join("\n"))
  }
  return compiled.success.files.at(-1)!
}

/** `line:column message` of every error, in order. */
export const errors = (files: Files | string): ReadonlyArray<string> => {
  const compiled = compile(files)
  if (Result.isSuccess(compiled)) return []
  return compiled.failure.map(({ message, position }) => `${position.line}:${position.column} ${message}`)
}

export const message = (of: ProtoIr.File, nestedName: string): ProtoIr.Message => {
  const all = (messages: ReadonlyArray<ProtoIr.Message>): ReadonlyArray<ProtoIr.Message> =>
    messages.flatMap((each) => [each, ...all(each.messages)])
  return all(of.messages).find((each) => each.nestedName === nestedName) ?? assert.fail(`no message ${nestedName}`)
}

export const field = (of: ProtoIr.Message, name: string): ProtoIr.Field =>
  of.fields.find((each) => each.name === name) ?? assert.fail(`no field ${name}`)

/** A value as plain data. */
export const plain = (value: ProtoIr.Value): unknown => {
  switch (value.kind) {
    case "enum":
      return value.member.name
    case "list":
      return value.elements.map(plain)
    case "map":
      return value.entries.map(([key, content]) => [plain(key), plain(content)])
    case "message":
      return Object.fromEntries(value.fields.map(([field, content]) => [field.name, plain(content)]))
    case "any":
      return { [value.typeUrl]: plain(value.value) }
    default:
      return value.value
  }
}

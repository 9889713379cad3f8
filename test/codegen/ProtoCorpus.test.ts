import { readFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import protobuf from "protobufjs"
import * as NodeFiles from "../../src/codegen/NodeFiles.ts"
import * as ProtoFrontEnd from "../../src/codegen/ProtoFrontEnd.ts"
import type * as ProtoIr from "../../src/codegen/ProtoIr.ts"
import { accepted, corpus, entries, type Entry, includeRoots, isThere } from "./ProtoEntries.ts"

if (!isThere) console.log("NOT RUN: the verdicts on other people's .proto files, which do not lie beside the checkout")

const compile = ({ file }: Entry) =>
  ProtoFrontEnd.compile([join(corpus, file)], { ...NodeFiles.files, includeRoots: includeRoots(file) })

/*
 * Where we are other than protoc 36.2, on purpose: values of a proto2 enum that differ only in the enum's name, case or
 * underscores are a warning (older ones take them, and proto3's are an error); a file may import one that is made for the lite
 * runtime; a proto file without a syntax line is proto2 without a word; defaults of features that a file itself declares
 * (`edition_defaults`) are not checked, since only protoc's plugins ask for them; messages may nest 64 deep, not 31.
 */

/**
 * protoc names another place than we do: it stops at the file's first error or at a follow-up, names the whole file, or
 * counts the line on which the enum ends.
 */
const elsewhere = new Set([
  "ast/printer/testdata/bufformat/proto2/quotes/v1/quotes.proto",
  "ast/printer/testdata/format/option_message_field.proto",
  "ast/printer/testdata/roundtrip/options_and_extensions.proto",
  "ir/testdata/editions/features_2024_in_2023.proto",
  "ir/testdata/fields/reserved.proto",
  "ir/testdata/options/utf8.proto",
  "ir/testdata/options/validate/java_multiple_files_2024.proto",
  "ir/testdata/options/validate/java_utf8.proto",
  "ir/testdata/options/values/any.proto",
  "ir/testdata/options/values/int64.proto",
  "ir/testdata/strict_visibility.proto",
  "ir/testdata/tags/allow_alias.proto",
  "parser/testdata/parser/range/reserved_default_syntax.proto",
  "parser/testdata/parser/syntax/unquoted_edition.proto"
])

const messagesOf = (messages: ReadonlyArray<ProtoIr.Message>): ReadonlyArray<ProtoIr.Message> =>
  messages.flatMap((message) => [message, ...messagesOf(message.messages)])

const describeField = (field: ProtoIr.Field): string => {
  const form = field.type.kind === "list" ? "repeated " : field.type.kind === "map" ? "map " : ""
  return `${form}${field.name} = ${field.id}`
}

describe.skipIf(!isThere)("other people's .proto files", () => {
  it("are accepted where protoc accepts them", { timeout: 120_000 }, () => {
    assert.isAbove(accepted.length, 600)
    const refused = accepted.flatMap((entry) => {
      const program = compile(entry)
      return Result.isSuccess(program) ? [] : [`${entry.file}: ${program.failure[0]?.message}`]
    })
    assert.deepStrictEqual(refused, [])
  })

  it("are refused where protoc refuses them, on the line that it names", { timeout: 120_000 }, () => {
    const own = entries.filter(({ verdict }) => verdict === "reject")
    assert.isAbove(own.length, 100)
    for (const { accepts, file, verdict } of own) {
      const program = compile({ accepts, file, verdict })
      if (Result.isSuccess(program)) return assert.fail(`${file} was accepted`)
      const lines = program.failure
        .filter((each) => each.position.file.endsWith(file))
        .map((each) => each.position.line)
      assert.isAbove(lines.length, 0, file)
      const said = /:(\d+):\d+: /.exec(Object.values(accepts).at(-1)!)
      const isElsewhere = elsewhere.has(file.replace(/^bufbuild\+protocompile\/experimental\//, ""))
      if (said !== null && !isElsewhere) assert.include(lines, Number(said[1]), file)
    }
  })

  it("whose imports are missing are read alone", () => {
    const own = entries.filter(({ verdict }) => verdict === "incomplete")
    assert.isAbove(own.length, 20)
    const broken = own.filter(({ file }) => {
      const parsed = ProtoFrontEnd.parse(file, readFileSync(join(corpus, file), "utf8"))
      return parsed.diagnostics.length > 0
    })
    // Their imports themselves are broken, and one is of an edition that nobody has.
    assert.deepStrictEqual(
      broken.map(({ file }) => file.replace(/^.*\//, "")),
      ["eof_after_kw.proto", "nosemi.proto", "options.proto", "test_messages_edition_unstable.proto"]
    )
  })

  it("have the fields that protobufjs finds in them, where it can read them", { timeout: 120_000 }, () => {
    let compared = 0
    for (const entry of accepted) {
      const program = compile(entry)
      if (Result.isFailure(program)) continue
      const own = program.success.files.find((file) => file.source.endsWith(entry.file))!
      const root = new protobuf.Root()
      try {
        protobuf.parse(readFileSync(join(corpus, entry.file), "utf8"), root, { keepCase: true })
      } catch {
        continue
      }
      for (const message of messagesOf(own.messages)) {
        const theirs = root.lookup(`.${message.fullName}`, [protobuf.Type])
        // Of two messages named alike it keeps one, and it knows groups by another name.
        if (!(theirs instanceof protobuf.Type) || theirs.fullName !== `.${message.fullName}`) continue
        const wanted = theirs.fieldsArray
          .filter((field) => field.extend === undefined && field.declaringField === null)
          .map((field) => {
            const form = field instanceof protobuf.MapField ? "map " : field.repeated ? "repeated " : ""
            return `${form}${field.name} = ${field.id}`
          })
        const found = message.fields.filter((field) => !field.group).map(describeField)
        const groups = new Set(message.fields.filter((field) => field.group).map((field) => field.id))
        const known = wanted.filter((each) => !groups.has(Number(each.split(" = ")[1])))
        assert.deepStrictEqual([...found].sort(), [...known].sort(), `${message.fullName} of ${entry.file}`)
        compared++
      }
    }
    assert.isAbove(compared, 2000)
  })
})

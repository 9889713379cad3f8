import { spawnSync } from "node:child_process"
import { globSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as NodeFiles from "../../../src/codegen/NodeFiles.ts"
import * as ProtoDescriptor from "../../../src/codegen/ProtoDescriptor.ts"
import * as ProtoFrontEnd from "../../../src/codegen/ProtoFrontEnd.ts"
import * as Corpus from "../../codegen/ProtoEntries.ts"
import { command } from "./peers.ts"

const protoc = command()
if (!Corpus.isThere)
  console.log("NOT RUN: descriptors of other people's .proto files, which do not lie beside the checkout")

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url))

const library = path("../../../src/codegen/protos")

interface Subject {
  readonly file: string
  readonly roots: ReadonlyArray<string>
}

const below = (root: string): ReadonlyArray<Subject> =>
  globSync("**/*.proto", { cwd: root }).map((file) => ({ file: join(root, file), roots: [root] }))

const own: ReadonlyArray<Subject> = ["../../golden/idl", "../../grpc/idl", "../../../src/codegen/protos", "./protos"]
  .map(path)
  .flatMap((root) => below(root).map((each) => ({ ...each, roots: [root, library] })))

const others: ReadonlyArray<Subject> = Corpus.accepted.map(({ file }) => ({
  file: join(Corpus.corpus, file),
  roots: Corpus.includeRoots(file)
}))

const scratch = mkdtempSync(join(tmpdir(), "volant-protoc-"))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

const run = (args: ReadonlyArray<string>, input?: Uint8Array): string => {
  const { status, stderr, stdout } = spawnSync(protoc!.program, args, {
    encoding: "utf8",
    maxBuffer: 2 ** 28,
    ...(input === undefined ? {} : { input })
  })
  if (status !== 0) throw new Error(`protoc ${args.at(-1)}: ${stderr}`)
  return stdout
}

const flags = (roots: ReadonlyArray<string>): ReadonlyArray<string> => [
  ...[...roots, protoc!.include].map((root) => `-I${root}`),
  "--experimental_editions"
]

/** Text in which equal descriptors are equal; an empty `{}` behind a method leaves a trace in protoc's that means nothing. */
const toText = (set: Uint8Array, { file, roots }: Subject): string => {
  const type = "--decode=google.protobuf.FileDescriptorSet"
  const text = run([...flags(roots), type, "google/protobuf/descriptor.proto", file], set)
  return text.replace(/^ *options \{\n *\}\n/gm, "")
}

const theirs = ({ file, roots }: Subject, { retainOptions }: ProtoDescriptor.Options): Uint8Array => {
  const out = join(scratch, "set.bin")
  run([...flags(roots), ...(retainOptions === true ? ["--retain_options"] : []), `--descriptor_set_out=${out}`, file])
  return readFileSync(out)
}

const ours = ({ file, roots }: Subject, options: ProtoDescriptor.Options): Uint8Array => {
  const program = ProtoFrontEnd.compile([file], { ...NodeFiles.files, includeRoots: roots })
  if (Result.isFailure(program)) throw new Error(`${file}: ${program.failure[0]?.message}`)
  return ProtoDescriptor.setOf(
    program.success.files.filter((each) => each.source === file),
    options
  )
}

/** What protoc does not know from an option import, it does not take out either. */
const isBeyondProtoc = (file: string, { retainOptions }: ProtoDescriptor.Options): boolean =>
  retainOptions === false && /^import option /m.test(readFileSync(file, "utf8"))

const isDifferent = (subject: Subject, options: ProtoDescriptor.Options): boolean =>
  !isBeyondProtoc(subject.file, options) &&
  toText(ours(subject, options), subject) !== toText(theirs(subject, options), subject)

describe.skipIf(protoc === undefined)("protoc", () => {
  for (const retainOptions of [true, false]) {
    const how = retainOptions ? "with all options" : "as code that runs has them"

    it(`makes the same descriptors of our own files, ${how}`, () => {
      assert.isAbove(own.length, 25)
      for (const each of own) {
        const [mine, other] = [ours(each, { retainOptions }), theirs(each, { retainOptions })]
        assert.strictEqual(toText(mine, each), toText(other, each), each.file)
      }
    })

    it.skipIf(!Corpus.isThere)(`makes the same descriptors of other people's files, ${how}`, () => {
      const different = others.filter((each) => isDifferent(each, { retainOptions }))
      assert.deepStrictEqual(
        different.map((each) => each.file),
        []
      )
    })
  }
})

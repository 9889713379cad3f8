/** Descriptors of .proto files in generated code: what server reflection shows. */
import { block, bracket, type Doc, hardline, lines } from "./EmitDoc.ts"
import { quote } from "./EmitModule.ts"
import type { Module } from "./EmitProtoModule.ts"
import * as ProtoDescriptor from "./ProtoDescriptor.ts"
import type * as ProtoIr from "./ProtoIr.ts"

// A multiple of four, so that each line is whole bytes.
const columns = 112

/** The call that makes a file's descriptor. White space in base64 means nothing, so the text has lines. */
export const madeDoc = (runtime: string, file: ProtoIr.File, imports: ReadonlyArray<Doc>): Doc => {
  const text = Buffer.from(ProtoDescriptor.ofFile(file, { retainOptions: false })).toString("base64")
  const encoded = ["`", hardline, lines(text.match(new RegExp(`.{1,${columns}}`, "g"))!), hardline, "`"]
  return block(`${runtime}.make(`, [quote(file.path), bracket("[", imports, "]"), encoded], ")", ",")
}

/** Imports by the functions of their modules; those that come with Volant by name, as they are in its library. */
const importDocs = (module: Module): ReadonlyArray<Doc> =>
  module.file.imports.map(({ file }) => module.descriptor(file) ?? quote(file.path))

/** The function that gives the file's descriptor; none where the options, or the place of the file, say so. */
export const descriptorDocs = (module: Module): ReadonlyArray<Doc> => {
  const name = module.descriptor(module.file)
  if (name === undefined) return []
  const runtime = module.use("ProtoFile")
  const made = madeDoc(runtime, module.file, importDocs(module))
  return [
    "// From here on: the .proto file as server reflection shows it.",
    block(`export function ${name}(): ${runtime}.ProtoFile {`, [["return ", made]], "}")
  ]
}

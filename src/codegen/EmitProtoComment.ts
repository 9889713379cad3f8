/** Comments of .proto files as documentation, with what the options say to whoever uses what is declared. */
import type { Doc } from "./EmitDoc.ts"
import { comment } from "./EmitModule.ts"
import type * as ProtoIr from "./ProtoIr.ts"
import * as ProtoOptions from "./ProtoOptions.ts"

const isDeprecated = (options: ProtoIr.Options): boolean => {
  const value = ProtoOptions.get(options, "deprecated")
  return value?.kind === "bool" && value.value
}

/** The text of a declaration's comment; empty for none. */
export const textOf = ({ doc, options }: ProtoIr.Declaration): string => {
  if (!isDeprecated(options)) return doc
  return doc.trim() === "" ? "@deprecated" : `${doc.trimEnd()}\n\n@deprecated`
}

/** The same as JSDoc, with a line break behind it. */
export const commentOf = (declared: ProtoIr.Declaration): Doc => comment(textOf(declared))

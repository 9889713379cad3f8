/** One module being written: its names, what it imports, and the comments of the IDL. */
import { posix } from "node:path"
import { bracket, type Doc, hardline, join, lines, group, indent, line } from "./EmitDoc.ts"
import { toLowerCamel, Scope } from "./EmitNames.ts"
import type * as EmitProgram from "./EmitProgram.ts"
import type * as Ir from "./Ir.ts"

/** What `volant/codegen/v1` has; those of `types` are types only. */
export type Import =
  | "Binary"
  | "Compact"
  | "Contract"
  | "Message"
  | "Method"
  | "Reader"
  | "Result"
  | "TaggedException"
  | "Type"
  | "UnknownFields"
  | "unknownFields"
  | "Writer"

const typeOnly: ReadonlySet<Import> = new Set(["Reader", "Writer"])

/** What is known of a module while it is written. */
export class Module {
  readonly program: EmitProgram.Program
  readonly file: Ir.File
  readonly path: string
  readonly scope: Scope
  readonly imports = new Set<Import>()
  /** The files whose modules are referred to, with the name that their module has here. */
  readonly siblings = new Map<Ir.File, string>()
  /** The names of functions, by verb, message and protocol. */
  readonly internal = new Map<string, string>()
  /** Functions, which are hoisted and so stand behind all that a reader comes for. */
  readonly functions: Array<Doc> = []

  constructor(program: EmitProgram.Program, file: Ir.File) {
    this.program = program
    this.file = file
    this.path = program.paths.get(file)!
    this.scope = new Scope(program.scopes.get(file)!)
  }

  /** Something of `volant/codegen/v1`, to be imported. */
  use(name: Import): string {
    this.imports.add(name)
    return this.scope.has(name) ? `${name}$` : name
  }

  /** A global of JavaScript, which a name of the IDL may hide. */
  global(name: string): string {
    return this.scope.has(name) ? `globalThis.${name}` : name
  }

  /** The name of a declaration, as this module reaches it. */
  name(named: EmitProgram.Named): string {
    const name = this.program.names.get(named)!
    return named.file === this.file ? name : `${this.sibling(named.file)}.${name}`
  }

  private sibling(file: Ir.File): string {
    const known = this.siblings.get(file)
    if (known !== undefined) return known
    const stem = posix.basename(this.program.paths.get(file)!, ".ts").replace(/[^A-Za-z0-9_]/g, "_")
    const wanted = toLowerCamel(/^[0-9]/.test(stem) ? `_${stem}` : stem)
    const name = this.scope.add(this.scope.has(wanted) ? `${wanted}$` : wanted)
    this.siblings.set(file, name)
    return name
  }

  private siblingImport(file: Ir.File, name: string): string {
    const to = this.program.paths.get(file)!
    const relative = posix.relative(posix.dirname(this.path), to)
    const from = (relative.startsWith(".") ? relative : `./${relative}`).replace(
      /\.ts$/,
      this.program.options.importExtension
    )
    return `import * as ${name} from ${JSON.stringify(from)}`
  }

  private importDoc(): Doc {
    const specifiers = [...this.imports].sort(byName).map((name) => {
      const alias = this.scope.has(name) ? ` as ${name}$` : ""
      return `${typeOnly.has(name) ? "type " : ""}${name}${alias}`
    })
    return group("import {", indent(line, join(specifiers, [",", line])), line, `} from "volant/codegen/v1"`)
  }

  /** The import lines that the module turned out to need. */
  importDocs(): ReadonlyArray<Doc> {
    const siblings = [...this.siblings].map(([file, name]) => this.siblingImport(file, name)).sort()
    return [...(this.imports.size === 0 ? [] : [this.importDoc()]), ...siblings]
  }
}

const byName = (a: string, b: string): number => {
  const [x, y] = [a.toLowerCase(), b.toLowerCase()]
  return x < y ? -1 : x > y ? 1 : a < b ? -1 : 1
}

const commentText = (doc: string): ReadonlyArray<string> =>
  doc
    .replaceAll("*/", "*\\/")
    .split(/\r\n|\r|\n/)
    .map((each) => each.trimEnd())

const trimEmpty = (texts: ReadonlyArray<string>): ReadonlyArray<string> => {
  const start = texts.findIndex((each) => each !== "")
  const end = texts.findLastIndex((each) => each !== "")
  return start < 0 ? [] : texts.slice(start, end + 1)
}

/** A comment of the IDL as JSDoc, with a line break behind it; nothing for none. */
export const comment = (doc: string, end: Doc = hardline): Doc => {
  const texts = trimEmpty(commentText(doc))
  if (texts.length === 0) return ""
  if (texts.length === 1) return [`/** ${texts[0]!.trim()} */`, end]
  return ["/**", hardline, lines(texts.map((each) => ` * ${each}`.trimEnd())), hardline, " */", end]
}

/** A string literal, double quotes preferred. */
export const quote = (text: string): string => {
  const plain = JSON.stringify(text).replace(/[\u2028\u2029\u007f-\u009f\ufeff]|[\ud800-\udfff]/g, (character) =>
    /[\ud800-\udfff]/.test(character) ? character : `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`
  )
  const inner = plain.slice(1, -1)
  const doubles = inner.split('\\"').length - 1
  const singles = inner.split("'").length - 1
  return doubles > singles ? `'${inner.replaceAll('\\"', '"').replaceAll("'", "\\'")}'` : plain
}

/** A property's name, which `__proto__` may only be when computed. */
export const property = (name: string): string => (name === "__proto__" ? `["__proto__"]` : name)

/** A call; its single argument hugs the parentheses. */
export const call = (name: Doc, args: ReadonlyArray<Doc>): Doc =>
  args.length === 1 ? [name, "(", args[0]!, ")"] : [name, bracket("(", args, ")")]

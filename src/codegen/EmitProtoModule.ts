/** One module of a .proto file being written: its names and what it imports. */
import { posix } from "node:path"
import * as Protobuf from "../grpc/Protobuf.ts"
import { type Doc, group, indent, join, line } from "./EmitDoc.ts"
import { Scope, toLowerCamel } from "./EmitNames.ts"
import * as EmitProtoProgram from "./EmitProtoProgram.ts"
import type * as ProtoIr from "./ProtoIr.ts"

/** What `volant/codegen/v1/proto` has; `Reader` and `Writer` are types only. */
export type Import =
  | "Contract"
  | "Extension"
  | "Message"
  | "Method"
  | "ProtoFile"
  | "Protobuf"
  | "Reader"
  | "Type"
  | "unknownFields"
  | "WellKnown"
  | "Writer"

/** What `volant/codegen/v1/stream` has. */
export type StreamImport = "StreamMethod"

/** Names that functions of generated modules give to what is their own. */
export const localNames: ReadonlySet<string> = new Set(
  `reader before tag unknown outer from number key item entryTag writer value start itemStart element fields Contract
  Extension Message Method ProtoFile Protobuf Reader StreamMethod Type unknownFields WellKnown Writer Map Array Uint8Array`.split(
    /\s+/
  )
)

/** A function of `Protobuf`. */
type Primitive = keyof typeof Protobuf

/** What local variables may not be called either. */
export const primitiveNames: ReadonlyArray<string> = Object.keys(Protobuf)

const typeOnly: ReadonlySet<string> = new Set(["Reader", "Writer"])

/** A module, which collects what it imports while it is written. */
export class Module {
  readonly program: EmitProtoProgram.Program
  readonly file: ProtoIr.File
  readonly path: string
  readonly scope: Scope
  readonly imports = new Set<Import | StreamImport>()
  private readonly primitives = new Set<Primitive>()
  /** The files whose modules are referred to, with the name that their module has here. */
  readonly siblings = new Map<ProtoIr.File, string>()
  /** Those of which more than types is referred to. */
  private readonly loaded = new Set<ProtoIr.File>()
  readonly siblingNames = new Map<ProtoIr.File, string>()
  /** The functions of each message of this file. */
  readonly functions = new Map<ProtoIr.Message, { readonly encode: string; readonly decode: string }>()

  constructor(program: EmitProtoProgram.Program, file: ProtoIr.File) {
    this.program = program
    this.file = file
    this.path = program.paths.get(file)!
    this.scope = new Scope(program.scopes.get(file)!)
    for (const message of EmitProtoProgram.messagesOf(file.messages)) {
      const name = program.names.get(message)!
      const [encode, decode] = [this.scope.add(`encode${name}`), this.scope.add(`decode${name}`)]
      this.functions.set(message, { encode, decode })
    }
    for (const other of EmitProtoProgram.siblingsOf(program, file))
      this.siblingNames.set(other, this.siblingName(other))
  }

  // Settled at once, so that no local variable takes the name.
  private siblingName(file: ProtoIr.File): string {
    const stem = posix.basename(this.program.paths.get(file)!, ".ts").replace(/[^A-Za-z0-9_]/g, "_")
    const wanted = toLowerCamel(/^[0-9]/.test(stem) ? `_${stem}` : stem)
    return this.scope.add(this.scope.has(wanted) || localNames.has(wanted) ? `${wanted}$` : wanted)
  }

  /** Something to be imported. */
  use(name: Import | StreamImport): string {
    this.imports.add(name)
    return this.scope.has(name) ? `${name}$` : name
  }

  /** A function of `Protobuf`, which the module then has as a constant: those are called faster than properties. */
  primitive(name: Primitive): string {
    this.primitives.add(name)
    return this.scope.has(name) ? `${name}$` : name
  }

  /** The line that makes constants of the functions that the module turned out to need. */
  primitiveDocs(): ReadonlyArray<Doc> {
    if (this.primitives.size === 0) return []
    const names = [...this.primitives].sort(byName).map((name) => (this.scope.has(name) ? `${name}: ${name}$` : name))
    return [group("const {", indent(line, join(names, [",", line])), line, `} = ${this.use("Protobuf")}`)]
  }

  /** A global of JavaScript, which a name of the IDL may hide. */
  global(name: string): string {
    return this.scope.has(name) ? `globalThis.${name}` : name
  }

  /** The name of a declaration, as this module reaches it. */
  name(named: EmitProtoProgram.Named): string {
    const name = this.program.names.get(named)!
    if (EmitProtoProgram.isWellKnown(named.file)) return `${this.use("WellKnown")}.${name}`
    return named.file === this.file ? name : `${this.sibling(named.file)}.${name}`
  }

  /** The value that describes a message: its const, or what its error class holds. */
  value(message: ProtoIr.Message): string {
    return this.program.errors.has(message) ? `${this.name(message)}.idl` : this.name(message)
  }

  /** The function that writes or reads a message. */
  function(message: ProtoIr.Message, verb: "encode" | "decode"): string {
    return this.functions.get(message)?.[verb] ?? `${this.value(message)}.wire.${verb}`
  }

  /** The function that gives the descriptor of this file or of one that it imports; undefined where its module has none. */
  descriptor(file: ProtoIr.File): string | undefined {
    const name = this.program.descriptors.get(file)
    if (name === undefined || file === this.file) return name
    return `${this.sibling(file)}.${name}`
  }

  /** The name of a declaration where it is a type. */
  typeName(named: EmitProtoProgram.Named): string {
    if (EmitProtoProgram.isWellKnown(named.file) || named.file === this.file) return this.name(named)
    const sibling = this.siblingNames.get(named.file)!
    this.siblings.set(named.file, sibling)
    return `${sibling}.${this.program.names.get(named)!}`
  }

  private sibling(file: ProtoIr.File): string {
    const name = this.siblingNames.get(file)!
    this.loaded.add(file)
    this.siblings.set(file, name)
    return name
  }

  private siblingImport(file: ProtoIr.File, name: string): string {
    const relative = posix.relative(posix.dirname(this.path), this.program.paths.get(file)!)
    const from = (relative.startsWith(".") ? relative : `./${relative}`).replace(
      /\.ts$/,
      this.program.options.importExtension
    )
    const kind = this.loaded.has(file) ? "" : "type "
    return `import ${kind}* as ${name} from ${JSON.stringify(from)}`
  }

  private runtimeImport(names: ReadonlyArray<string>, from: string): ReadonlyArray<Doc> {
    if (names.length === 0) return []
    const specifiers = names.map((name) => {
      const alias = this.scope.has(name) ? ` as ${name}$` : ""
      return `${typeOnly.has(name) ? "type " : ""}${name}${alias}`
    })
    return [group("import {", indent(line, join(specifiers, [",", line])), line, `} from ${JSON.stringify(from)}`)]
  }

  /** The import lines that the module turned out to need. */
  importDocs(): ReadonlyArray<Doc> {
    const names = [...this.imports].filter((name) => name !== "StreamMethod").sort(byName)
    const streams = [...this.imports].filter((name) => name === "StreamMethod")
    const siblings = [...this.siblings].map(([file, name]) => this.siblingImport(file, name)).sort()
    return [
      ...this.runtimeImport(names, "volant/codegen/v1/proto"),
      ...this.runtimeImport(streams, "volant/codegen/v1/stream"),
      ...siblings
    ]
  }
}

const byName = (a: string, b: string): number => {
  const [x, y] = [a.toLowerCase(), b.toLowerCase()]
  return x < y ? -1 : x > y ? 1 : 0
}

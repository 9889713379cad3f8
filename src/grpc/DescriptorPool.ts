/**
 * The .proto files that a server can show, found by their names and by what they declare.
 *
 * Names of files are those that compilers were given, so two packages may bring different files of one name. The first keeps
 * it; another is shown as `name.2.proto`, by which name those that import it do so. Equal files are one.
 */
import * as FileDescriptor from "./FileDescriptor.ts"
import * as ProtobufFile from "./ProtobufFile.ts"

/** One file of a pool. */
export interface File {
  /** Nobody else's in this pool. */
  readonly name: string
  readonly imports: ReadonlyArray<File>
  /** Its `google.protobuf.FileDescriptorProto`. */
  readonly bytes: Uint8Array
}

/** What is found by its full name. */
export interface Found {
  readonly file: File
  readonly isMessage: boolean
}

/** What a server can show. */
export interface DescriptorPool {
  readonly files: ReadonlyMap<string, File>
  readonly symbols: ReadonlyMap<string, Found>
  /** By the full name of the message that is extended, and then by the number. */
  readonly extensions: ReadonlyMap<string, ReadonlyMap<number, File>>
  /** What a person should know of, a sentence each. */
  readonly warnings: ReadonlyArray<string>
}

/** Files by name, as imports of files that come with Volant name them. */
export type Library = Readonly<Record<string, ProtobufFile.Source>>

class Builder {
  readonly files = new Map<string, File>()
  readonly symbols = new Map<string, Found>()
  readonly extensions = new Map<string, Map<number, File>>()
  readonly warnings: Array<string> = []
  // Undefined while its imports are gone through: one that imports itself is written by hand, and ends here.
  private readonly known = new Map<ProtobufFile.Source, File | undefined>()
  private readonly library: Library

  constructor(library: Library) {
    this.library = library
  }

  add(source: ProtobufFile.Source): File | undefined {
    if (this.known.has(source)) return this.known.get(source)
    this.known.set(source, undefined)
    const made = source()
    const imports: Array<File> = []
    const renamed = new Map<string, string>()
    for (const each of made.imports) {
      const target = typeof each === "string" ? this.library[each] : each
      const file = target === undefined ? undefined : this.add(target)
      if (target === undefined || file === undefined) {
        this.warnings.push(`${made.name} imports ${typeof each === "string" ? each : each().name}, which is not shown`)
        continue
      }
      imports.push(file)
      const { name } = target()
      if (name !== file.name) renamed.set(name, file.name)
    }
    const file = this.settle(made, imports, renamed)
    this.known.set(source, file)
    return file
  }

  private settle(
    made: ProtobufFile.ProtoFile,
    imports: ReadonlyArray<File>,
    renamed: ReadonlyMap<string, string>
  ): File {
    const original = ProtobufFile.toBytes(made)
    let name = made.name
    for (let version = 2; ; version++) {
      const isAsItWas = name === made.name && renamed.size === 0
      const bytes = isAsItWas ? original : FileDescriptor.rename(original, name, renamed)
      const other = this.files.get(name)
      if (other !== undefined && Buffer.compare(other.bytes, bytes) === 0) return other
      if (other === undefined) return this.enter({ name, imports, bytes }, made.name)
      name = `${made.name.replace(/\.proto$/, "")}.${version}.proto`
    }
  }

  private enter(file: File, wanted: string): File {
    if (file.name !== wanted) {
      this.warnings.push(`there are different files named ${wanted}; one of them is shown as ${file.name}`)
    }
    this.files.set(file.name, file)
    const { extensions, symbols } = FileDescriptor.contents(file.bytes)
    const twice = symbols.find(({ name }) => this.symbols.has(name))
    for (const { isMessage, name } of symbols) if (!this.symbols.has(name)) this.symbols.set(name, { file, isMessage })
    for (const { extendee, number } of extensions) {
      const numbers = this.extensions.get(extendee) ?? new Map<number, File>()
      this.extensions.set(extendee, numbers)
      if (!numbers.has(number)) numbers.set(number, file)
    }
    if (twice !== undefined) {
      const other = this.symbols.get(twice.name)!.file.name
      this.warnings.push(`${other} and ${file.name} both declare ${twice.name}, which is shown of the former`)
    }
    return file
  }
}

/** The files, with all that they import. Throws a `CodecError` where one is no descriptor. */
export const make = (sources: Iterable<ProtobufFile.Source>, library: Library): DescriptorPool => {
  const builder = new Builder(library)
  for (const source of sources) builder.add(source)
  return builder
}

/**
 * A file, and behind it all that it needs and `sent` does not have yet; these are added to `sent`. The file itself is given
 * in any case, since it was asked for.
 */
export const withImports = (file: File, sent: Set<File>): ReadonlyArray<Uint8Array> => {
  const found = [file]
  sent.add(file)
  // An array gives what is added while it is gone through.
  for (const { imports } of found) {
    for (const each of imports) {
      if (sent.has(each)) continue
      sent.add(each)
      found.push(each)
    }
  }
  return found.map(({ bytes }) => bytes)
}

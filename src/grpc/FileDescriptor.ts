/** What server reflection needs to know of the bytes of a `google.protobuf.FileDescriptorProto`. */
import { Reader } from "../wire/Reader.ts"
import { Writer } from "../wire/Writer.ts"
import * as Protobuf from "./Protobuf.ts"
import * as Read from "./ProtobufRead.ts"

/** What can be asked for by its full name. */
export interface Named {
  readonly name: string
  readonly isMessage: boolean
}

/** A field that a message takes from elsewhere. */
export interface Extension {
  /** The full name of the message. */
  readonly extendee: string
  readonly number: number
}

/** What a file declares, with everything that is nested in it. */
export interface Contents {
  readonly symbols: ReadonlyArray<Named>
  readonly extensions: ReadonlyArray<Extension>
}

type Kind = "file" | "message" | "enum" | "service" | "extension" | "leaf"

/** By the numbers of the fields of descriptor.proto. Leaves are fields, oneofs, enum values and methods. */
const children: Readonly<Record<Kind, Readonly<Record<number, Kind>>>> = {
  file: { 4: "message", 5: "enum", 6: "service", 7: "extension" },
  message: { 2: "leaf", 3: "message", 4: "enum", 6: "extension", 8: "leaf" },
  enum: { 2: "leaf" },
  service: { 2: "leaf" },
  extension: {},
  leaf: {}
}

const nameTag = 0x0a
const packageTag = 0x12
const dependencyTag = 0x1a
const optionDependencyTag = 0x7a
const extendeeTag = 0x12
const numberTag = 0x18

const join = (scope: string, name: string): string => (scope === "" ? name : `${scope}.${name}`)

/** One descriptor within the file, before the names within it are known. */
interface Descriptor {
  readonly kind: Kind
  readonly name: string
  /** Of a file. */
  readonly package: string
  readonly extendee: string
  readonly number: number
  readonly inner: ReadonlyArray<readonly [kind: Kind, start: number, end: number]>
}

const readDescriptor = (reader: Reader, kind: Kind): Descriptor => {
  const inner: Array<readonly [Kind, number, number]> = []
  const found = { name: "", package: "", extendee: "", number: 0 }
  while (reader.position < reader.end) {
    const tag = Read.readTag(reader)
    const child = (tag & 7) === 2 ? children[kind][tag >>> 3] : undefined
    if (child !== undefined) {
      const outer = Read.narrow(reader)
      inner.push([child, reader.position, reader.end])
      reader.position = reader.end
      reader.end = outer
    } else if (tag === nameTag) found.name = Read.readAnyString(reader)
    else if (tag === packageTag && kind === "file") found.package = Read.readAnyString(reader)
    else if (tag === extendeeTag && kind === "extension") found.extendee = Read.readAnyString(reader)
    else if (tag === numberTag && kind === "extension") found.number = Read.readInt32(reader)
    else Read.skip(reader, tag)
  }
  return { kind, ...found, inner }
}

/** Reads what a file declares. Throws a `CodecError` where the bytes are no descriptor. */
export const contents = (bytes: Uint8Array): Contents => {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const reader = new Reader(buffer, Read.limits)
  const symbols: Array<Named> = []
  const extensions: Array<Extension> = []
  const visit = (kind: Kind, scope: string, start: number, end: number): void => {
    reader.reset(buffer, start, end)
    const { extendee, inner, name, number, package: packageName } = readDescriptor(reader, kind)
    const fullName = kind === "file" ? packageName : join(scope, name)
    if (kind !== "file") symbols.push({ name: fullName, isMessage: kind === "message" })
    if (kind === "extension") extensions.push({ extendee: extendee.replace(/^\./, ""), number })
    // The values of an enum are named beside it, not within it.
    for (const [child, from, to] of inner) visit(child, kind === "enum" ? scope : fullName, from, to)
  }
  visit("file", "", 0, buffer.length)
  return { symbols, extensions }
}

/** The descriptor with other names for the file and for some that it imports; everything else byte for byte. */
export const rename = (bytes: Uint8Array, name: string, imports: ReadonlyMap<string, string>): Uint8Array => {
  const reader = new Reader(bytes, Read.limits)
  const writer = new Writer(bytes.length + 256)
  while (reader.position < reader.end) {
    const start = reader.position
    const tag = Read.readTag(reader)
    if (tag === nameTag) {
      Read.skip(reader, tag)
      Protobuf.writeStringField(writer, tag, name)
    } else if (tag === dependencyTag || tag === optionDependencyTag) {
      const imported = Read.readAnyString(reader)
      Protobuf.writeStringField(writer, tag, imports.get(imported) ?? imported)
    } else {
      Read.skip(reader, tag)
      Protobuf.writeUnknown(writer, bytes.subarray(start, reader.position))
    }
  }
  return writer.toBytes()
}

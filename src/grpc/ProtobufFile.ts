/**
 * A .proto file as its generated module carries it, for server reflection and other tools: the
 * `google.protobuf.FileDescriptorProto` that compilers make of it, custom options included, without comments and places.
 */

/** One .proto file. */
export interface ProtoFile {
  /** As import lines name it: `acme/shop/order.proto`. */
  readonly name: string
  /** The files that it imports, in the order of their lines; those that come with Volant by their names. */
  readonly imports: ReadonlyArray<Source | string>
  /** The `FileDescriptorProto` in base64; white space in it means nothing. */
  readonly encoded: string
}

/** What a generated module exports for its file. A function, so that nothing is made of it before somebody asks. */
export type Source = () => ProtoFile

/** A file; generated code calls this. */
export const make = (name: string, imports: ReadonlyArray<Source | string>, encoded: string): ProtoFile => ({
  name,
  imports,
  encoded
})

/** The bytes of its `google.protobuf.FileDescriptorProto`; those of its imports are not in them. */
export const toBytes = (file: ProtoFile): Uint8Array => Buffer.from(file.encoded, "base64")

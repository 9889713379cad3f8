/** The value side of generated structs, unions and exceptions, and the codecs of methods. */
import * as Result from "effect/Result"
import { type Codec, CodecError } from "../../Codec.ts"
import * as Tagged from "../../TaggedException.ts"
import type { ThriftCodec, ThriftMethodCodec } from "../../thrift/ThriftCodec.ts"
import type { Reader } from "../../wire/Reader.ts"
import type { Writer } from "../../wire/Writer.ts"
import * as Explain from "./Explain.ts"
import * as Type from "./Type.ts"

type WireCodec<A> = Codec<A, Writer, Reader>

/** A struct, with its constructor: it fills defaults, and all its objects have one shape. */
export interface Struct<in out A, out Make> extends Type.Message<A> {
  readonly make: Make
}

/** A union, with its constructor: the name of the field that is set, and the value. */
export interface Union<in out A extends Variant> extends Type.Message<A> {
  readonly make: <K extends A["_tag"]>(tag: K, value: Extract<A, { readonly _tag: K }>["value"]) => A
}

/** The shape of a union in TypeScript: which field is set, and to what. */
export interface Variant {
  readonly _tag: string
  readonly value: unknown
}

interface Parts<A> {
  readonly name: string
  readonly fields: () => ReadonlyArray<Type.Field>
  readonly binary: WireCodec<A>
  readonly compact: WireCodec<A>
}

// An encoder that fails leaves nothing behind, and tells where.
const explaining = <A>(codec: WireCodec<A>, explain: (error: unknown, value: A) => CodecError): WireCodec<A> => ({
  encode: (writer, value) => {
    const start = writer.position
    try {
      codec.encode(writer, value)
    } catch (error) {
      writer.position = start
      throw explain(error, value)
    }
  },
  decode: codec.decode
})

const message = <A>(kind: Type.MessageKind, parts: Parts<A>): Type.Message<A> => {
  const explain = (error: unknown, value: A) => Explain.encodeError(error, Type.message(self), parts.name, value)
  const self: Type.Message<A> = {
    idlName: parts.name,
    kind,
    fields: parts.fields,
    codec: { binary: explaining(parts.binary, explain), compact: explaining(parts.compact, explain) }
  }
  return self
}

/** The value side of a struct. */
export const struct = <A, Make>(parts: Parts<A> & { readonly make: Make }): Struct<A, Make> => ({
  ...message("struct", parts),
  make: parts.make
})

/** The value side of a union. */
export const union = <A extends Variant>(parts: Parts<A>): Union<A> => ({
  ...message("union", parts),
  make: (tag, value) => ({ _tag: tag, value }) as unknown as A
})

/** What generated exception classes keep beside their constructor. */
export const exception = <A>(parts: Parts<A> & { readonly construct: new (fields: any) => A }): Type.Exception<A> => ({
  ...message("exception", parts),
  construct: parts.construct
})

export const TaggedException = Tagged.TaggedException
export const receive = Tagged.receive
export const own = Tagged.own

/** A required field is absent, from a value to encode or from the input. */
export const missing = (name: string, field: string): CodecError =>
  new CodecError("MissingField", `${name}.${field} is required and absent`)

/** The union `after`; an error when another field of it was set before. */
export const only = <A extends Variant>(name: string, before: Variant | undefined, after: A): A => {
  if (before === undefined || before._tag === after._tag) return after
  throw new CodecError("Malformed", `the union ${name} has two fields set, ${before._tag} and ${after._tag}`)
}

/** No field of a union is set in the input, or none that is known here. */
export const emptyUnion = (name: string): CodecError =>
  new CodecError("MissingField", `the union ${name} has no field set that is known here`)

/** A value to encode is none of a union's. */
export const notVariant = (name: string, value: unknown): CodecError => {
  const tag = typeof value === "object" && value !== null ? String(Reflect.get(value, "_tag")) : String(value)
  return new CodecError("InvalidValue", `${name}: "${tag}" is not the name of one of its fields`)
}

/** A method has neither a result nor an exception set. */
export const noResult = (method: string): CodecError =>
  new CodecError("MissingField", `the reply of ${method} has neither a result nor a declared exception`)

/** A handler failed with what its method does not declare. */
export const undeclared = (method: string, error: unknown): CodecError => {
  const shown = error instanceof Error ? error.name : String(error)
  return new CodecError("InvalidValue", `${method} failed with ${shown}, which it does not declare`)
}

/** A codec that still knows the fields it was made for: schemas of methods are derived from them. */
export interface DescribedCodec<in out A> extends ThriftCodec<A> {
  /** In the order of ids. */
  readonly fields: () => ReadonlyArray<Type.Field>
}

/** Whether generated code made the codec. */
export const isDescribed = <A>(codec: ThriftCodec<A>): codec is DescribedCodec<A> => "fields" in codec

/** The codec of a method's arguments. */
export const args = <A>(parts: Parts<A>): DescribedCodec<A> => {
  const { binary, compact } = message("struct", parts).codec
  return { binary, compact, fields: parts.fields }
}

/** The codec of a method's outcome; `fields` are the result, with id 0, and the declared exceptions. */
export const result = <A, E>(parts: Parts<Result.Result<A, E>>): DescribedCodec<Result.Result<A, E>> => {
  const explain = (error: unknown, outcome: Result.Result<A, E>): CodecError => {
    if (Result.isSuccess(outcome)) {
      const field = parts.fields().find((each) => each.id === 0)
      return Explain.encodeError(error, field?.type, parts.name, outcome.success)
    }
    const failure = outcome.failure
    const field = parts.fields().find((each) => isNamed(each.type, failure))
    return Explain.encodeError(error, field?.type, parts.name, failure)
  }
  return {
    binary: explaining(parts.binary, explain),
    compact: explaining(parts.compact, explain),
    fields: parts.fields
  }
}

/** The outcome of a oneway method, of which nothing is sent. */
export const nothing: DescribedCodec<Result.Result<void, never>> = {
  binary: { encode: () => {}, decode: () => Result.void },
  compact: { encode: () => {}, decode: () => Result.void },
  fields: () => []
}

const isNamed = (type: Type.Type, error: unknown): boolean =>
  type.kind === "message" &&
  typeof error === "object" &&
  error !== null &&
  Reflect.get(error, "_tag") === type.message.idlName

/** The codec of a method, of those of its arguments and its outcome. */
export const method = <Req, Res, E>(
  args: ThriftCodec<Req>,
  result: ThriftCodec<Result.Result<Res, E>>
): ThriftMethodCodec<Req, Res, E> => ({ protocol: "thrift", arguments: args, result })

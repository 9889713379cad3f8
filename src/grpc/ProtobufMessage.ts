/** The value side of generated messages: constructor, codec, description. */
import { CodecError } from "../Codec.ts"
import * as TaggedException from "../TaggedException.ts"
import type { DeclaredError, GrpcMethodCodec, ProtobufCodec } from "./GrpcCodec.ts"
import * as Check from "./ProtobufCheck.ts"
import type { Source } from "./ProtobufFile.ts"
import * as Read from "./ProtobufRead.ts"
import * as Scalar from "./ProtobufScalar.ts"
import * as Write from "./ProtobufWrite.ts"
import type * as Type from "./ProtobufType.ts"

export { keeping, unknownFields } from "./ProtobufUnknownFields.ts"

/** A message with its constructor: it fills zeros, and all its objects have one shape. */
export interface Struct<in out A, out Make> extends Type.Message<A> {
  readonly make: Make
}

/** A message whose IDL gives defaults to fields; absent fields stay absent, and their defaults are here. */
export interface Defaulted<in out A, out Make, out Defaults> extends Struct<A, Make> {
  readonly defaults: Defaults
}

/** What a constructor takes: all fields may be left out except those of `Required`. */
export type Init<A, Required extends keyof A = never> = {
  readonly [K in Exclude<keyof A, Required>]?: A[K] | undefined
} & { readonly [K in Required]: A[K] }

interface Parts<A> extends Type.Wire<A> {
  /** With its package. */
  readonly name: string
  readonly fields: () => Type.Fields
  /** Whether it, or a message within it, has a required field. */
  readonly isDemanding?: boolean
  readonly json?: Type.JsonForm<A> | undefined
}

const toCodec = <A>(message: Omit<Type.Message<A>, "codec">, isPartial: boolean): ProtobufCodec<A> => {
  const isChecked = message.isDemanding && !isPartial
  const { decode, encode } = message.wire
  return {
    encode: (writer, value) => {
      const start = writer.position
      try {
        if (isChecked) Check.required(message, value)
        if (typeof value !== "object" && !message.isWellKnown) throw Scalar.invalid(value, "an object")
        encode(writer, value)
      } catch (error) {
        writer.position = start
        throw Check.explain(error, message, value)
      }
    },
    decode: (reader) => {
      Read.start()
      const value = decode(reader)
      Read.finish(reader)
      if (isChecked) Check.required(message, value)
      return value
    }
  }
}

const make = <A>(
  parts: Parts<A>,
  construct: ((fields: any) => A) | undefined,
  isWellKnown = false
): Type.Message<A> => {
  const message = {
    typeName: parts.name,
    fields: parts.fields,
    wire: { encode: parts.encode, decode: parts.decode },
    isDemanding: parts.isDemanding ?? false,
    construct,
    json: parts.json,
    isWellKnown
  }
  return { ...message, codec: toCodec(message, false) }
}

/** A message; generated code calls this. */
export const struct = <A, Make>(parts: Parts<A> & { readonly make: Make }): Struct<A, Make> => ({
  ...make(parts, undefined),
  make: parts.make
})

/** A message of which fields have defaults; generated code calls this. */
export const defaulted = <A, Make, Defaults>(
  parts: Parts<A> & { readonly make: Make; readonly defaults: Defaults }
): Defaulted<A, Make, Defaults> => ({ ...struct<A, Make>(parts), defaults: parts.defaults })

/** What generated error classes keep beside their constructor. */
export const exception = <A>(parts: Parts<A> & { readonly construct: new (fields: any) => A }): Type.Message<A> =>
  make(parts, (fields) => new parts.construct(fields))

/** A well-known type: `A` is what it is in TypeScript. */
export const wellKnown = <A>(parts: Parts<A>): Type.Message<A> => make(parts, undefined, true)

/** The class that a message which some method declares as an error extends. */
export const TaggedError = TaggedException.TaggedException

/** An error that was received, made without a stack trace. */
export const receive = TaggedException.receive

/** The field `message` or `name` of an error, undefined when it is absent. */
export const own = TaggedException.own

/** A codec that lets required fields be absent, which their types then do not show. */
export const partial = <A>(message: Type.Message<A>): ProtobufCodec<A> => toCodec(message, true)

/** A codec that gives equal bytes for equal messages: maps are written in the order of their keys. */
export const deterministic = <A>(message: Type.Message<A>): ProtobufCodec<A> => ({
  encode: (writer, value) => Write.deterministically(() => message.codec.encode(writer, value)),
  decode: message.codec.decode
})

/** A value that is no member of a oneof. */
export const notMember = (oneof: string, value: unknown): CodecError => {
  const tag = typeof value === "object" && value !== null ? String(Reflect.get(value, "_tag")) : String(value)
  return new CodecError("InvalidValue", `${oneof}: "${tag}" is not the name of one of its fields`)
}

const memberSets = new WeakMap<object, ReadonlySet<number>>()

/** Whether a closed enum names a number. */
export const isMember = <E extends Readonly<Record<string, number>>>(
  members: E,
  value: number
): value is E[keyof E] => {
  let known = memberSets.get(members)
  if (known === undefined) memberSets.set(members, (known = new Set(Object.values(members))))
  return known.has(value)
}

type Thrown<E> = E extends DeclaredError<infer A> ? A : never

/** How a method shows itself to gRPC. */
export const method = <Req, Res, const Errors extends ReadonlyArray<DeclaredError<any>> = readonly []>(
  path: string,
  request: Type.Message<Req>,
  response: Type.Message<Res>,
  errors?: Errors,
  file?: Source
): GrpcMethodCodec<Req, Res, Thrown<Errors[number]>> => ({
  protocol: "grpc",
  path,
  request: request.codec,
  response: response.codec,
  errors: errors ?? [],
  types: { request, response },
  file
})

interface ErrorClass<A> {
  new (...args: Array<never>): A
  readonly idl: Type.Message<A>
}

/** An error that a method declares, with the status code that it travels with. */
export const error = <A>(errorClass: ErrorClass<A>, code: number): DeclaredError<A> => ({
  typeName: errorClass.idl.typeName,
  code,
  is: (failure): failure is A => failure instanceof errorClass,
  codec: errorClass.idl.codec,
  message: errorClass.idl
})

/** The schemas of a method: of its request, its response and its errors, derived from what generated code describes. */
import * as Schema from "effect/Schema"
import * as SchemaTransformation from "effect/SchemaTransformation"
import { type GrpcMethodCodec, isGrpcMethodCodec } from "../grpc/GrpcCodec.ts"
import type * as Method from "../Method.ts"
import { isThriftMethodCodec, type ThriftMethodCodec } from "../thrift/ThriftCodec.ts"
import * as ProtoSchema from "./ProtoSchema.ts"
import * as RpcErrorSchema from "./RpcErrorSchema.ts"
import * as ThriftSchema from "./Schema.ts"
import * as Message from "./v1/Message.ts"

type AnyCodec = Schema.Codec<any, any>

/** One declared error, under a name that no other of the method has. */
interface Declared {
  readonly name: string
  readonly is: (u: unknown) => boolean
  readonly schema: AnyCodec
}

/** Schemas of the TypeScript side; of a method that streams, those of one message. */
export interface MethodSchemas {
  readonly request: AnyCodec
  readonly response: AnyCodec
  /** Of the declared errors and `RpcError`. */
  readonly error: AnyCodec
}

/** Throws an Error where a method's codec was not generated. */
export const make = (method: Method.Any): MethodSchemas => {
  const { codec } = method
  const schemas = isThriftMethodCodec(codec) ? ofThrift(codec) : isGrpcMethodCodec(codec) ? ofGrpc(codec) : undefined
  if (schemas !== undefined) return schemas
  throw new Error(
    `${method.fullName} has a codec that was written by hand: only generated ones say what they are made of`
  )
}

const ofThrift = (codec: ThriftMethodCodec<unknown, unknown, unknown>): MethodSchemas | undefined => {
  if (!Message.isDescribed(codec.arguments) || !Message.isDescribed(codec.result)) return undefined
  const fields = codec.result.fields()
  const success = fields.find(({ id }) => id === 0)
  const errors = fields.flatMap(({ id, name, type }): ReadonlyArray<Declared> => {
    const construct = type.kind === "message" ? type.message.construct : undefined
    if (id === 0 || construct === undefined) return []
    return [{ name, is: (u) => u instanceof construct, schema: ThriftSchema.ofType(type) }]
  })
  return {
    request: ThriftSchema.ofFields(codec.arguments),
    response: success === undefined ? Schema.Void : ThriftSchema.ofType(success.type),
    error: errorOf(errors)
  }
}

const ofGrpc = (codec: GrpcMethodCodec<unknown, unknown, unknown>): MethodSchemas | undefined => {
  if (codec.types === undefined) return undefined
  const errors: Array<Declared> = []
  for (const { is, message, typeName } of codec.errors) {
    if (message === undefined) return undefined
    errors.push({ name: typeName, is, schema: ProtoSchema.of(message) })
  }
  return {
    request: ProtoSchema.of(codec.types.request),
    response: ProtoSchema.of(codec.types.response),
    error: errorOf(errors)
  }
}

// Two errors may have the same fields, so each says which it is.
const named = ({ is, name, schema }: Declared): AnyCodec =>
  Schema.declare((u: unknown): u is any => is(u), {
    identifier: name,
    expected: name,
    toCodec: () =>
      Schema.link<any>()(
        Schema.Struct({ error: Schema.Literal(name), value: schema }),
        SchemaTransformation.transform({
          decode: ({ value }: { readonly value: unknown }) => value,
          encode: (value: unknown) => ({ error: name, value })
        })
      )
  })

const errorOf = (declared: ReadonlyArray<Declared>): AnyCodec =>
  Schema.Union([...declared.map(named), RpcErrorSchema.schema])

/**
 * `effect/Schema` schemas of messages generated from .proto files, derived from their descriptions: for validation, property
 * tests and whatever else speaks schemas. Not part of generated modules, since loading `effect/Schema` costs memory that servers
 * need not spend.
 *
 * A schema is of the TypeScript side: keys are those of TypeScript, 64-bit integers are bigints. Canonical JSON is
 * `volant/protobuf`'s. Unknown fields are not part of it.
 */
import * as Schema from "effect/Schema"
import * as SchemaTransformation from "effect/SchemaTransformation"
import type * as Type from "../grpc/ProtobufType.ts"

type AnyCodec = Schema.Codec<any, any>

const whole = (minimum: number, maximum: number): AnyCodec =>
  Schema.Number.check(Schema.isInt(), Schema.isBetween({ minimum, maximum }))

const wide = (minimum: bigint, maximum: bigint): AnyCodec =>
  Schema.BigInt.check(Schema.isBetweenBigInt({ minimum, maximum }))

const signed = whole(-(2 ** 31), 2 ** 31 - 1)
const unsigned = whole(0, 2 ** 32 - 1)
const signedWide = wide(-(2n ** 63n), 2n ** 63n - 1n)
const unsignedWide = wide(0n, 2n ** 64n - 1n)
const safe = whole(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)
const safeUnsigned = whole(0, Number.MAX_SAFE_INTEGER)

const scalars: Readonly<Record<Type.ScalarKind, AnyCodec>> = {
  double: Schema.Number,
  float: Schema.Number,
  int32: signed,
  sint32: signed,
  sfixed32: signed,
  uint32: unsigned,
  fixed32: unsigned,
  int64: signedWide,
  sint64: signedWide,
  sfixed64: signedWide,
  uint64: unsignedWide,
  fixed64: unsignedWide,
  int64Number: safe,
  sint64Number: safe,
  sfixed64Number: safe,
  uint64Number: safeUnsigned,
  fixed64Number: safeUnsigned,
  bool: Schema.Boolean,
  string: Schema.String,
  anyString: Schema.String,
  binary: Schema.Uint8Array
}

const wrappers: Readonly<Record<string, Type.ScalarKind>> = {
  DoubleValue: "double",
  FloatValue: "float",
  Int64Value: "int64",
  UInt64Value: "uint64",
  Int32Value: "int32",
  UInt32Value: "uint32",
  BoolValue: "bool",
  StringValue: "string",
  BytesValue: "binary"
}

const ofWellKnown = (message: Type.AnyMessage): AnyCodec => {
  const name = message.typeName.slice("google.protobuf.".length)
  const wrapped = wrappers[name]
  if (wrapped !== undefined) return scalars[wrapped]
  if (name === "Value") return Schema.Json
  if (name === "ListValue") return Schema.Array(Schema.Json)
  return name === "Struct" ? Schema.Record(Schema.String, Schema.Json) : ofFields(message)
}

const ofSingle = (type: Type.Type): AnyCodec => {
  switch (type.kind) {
    case "enum":
      return type.isClosed ? Schema.Literals([...new Set(Object.values(type.members))]) : signed
    case "message":
    case "group":
      // Messages may contain themselves.
      return Schema.suspend(() => ofMessage(type.message))
    default:
      return scalars[type.kind]
  }
}

const ofField = (field: Type.Field): AnyCodec => {
  const single = ofSingle(field.type)
  switch (field.cardinality) {
    case "list":
    case "packed":
      return Schema.Array(single)
    case "map":
      return Schema.ReadonlyMap(ofSingle(field.mapKey!), single)
    case "explicit":
      return optional(single)
    default:
      return single
  }
}

const optional = (schema: AnyCodec): AnyCodec => Schema.optional(schema) as unknown as AnyCodec

const ofFields = (message: Type.AnyMessage): AnyCodec => {
  const fields: Record<string, AnyCodec> = {}
  const oneofs = new Map<string, Array<AnyCodec>>()
  for (const field of message.fields()) {
    if (field.oneof === undefined) fields[field.key] = ofField(field)
    else {
      const variant = Schema.Struct({ _tag: Schema.Literal(field.key), value: ofSingle(field.type) })
      const known = oneofs.get(field.oneof)
      if (known === undefined) oneofs.set(field.oneof, [variant])
      else known.push(variant)
    }
  }
  for (const [key, variants] of oneofs) fields[key] = optional(Schema.Union(variants))
  return Schema.Struct(fields)
}

const ofError = (message: Type.AnyMessage, construct: (fields: object) => unknown): AnyCodec => {
  const plain = ofFields(message)
  const keys = new Set(message.fields().map((field) => field.oneof ?? field.key))
  const toFields = (error: any) =>
    Object.fromEntries([...keys].filter((key) => Object.hasOwn(error, key)).map((key) => [key, error[key]]))
  const is = Schema.is(plain)
  const isError = (u: unknown): u is any => u instanceof Error && "_tag" in u && is(toFields(u))
  return Schema.declare(isError, {
    identifier: message.typeName,
    expected: message.typeName,
    toCodec: () =>
      Schema.link<any>()(
        plain,
        SchemaTransformation.transform({ decode: (fields) => construct(fields), encode: toFields })
      )
  })
}

const made = new WeakMap<Type.AnyMessage, AnyCodec>()

const ofMessage = (message: Type.AnyMessage): AnyCodec => {
  const known = made.get(message)
  if (known !== undefined) return known
  const { construct } = message
  const schema =
    construct !== undefined
      ? ofError(message, construct)
      : message.isWellKnown
        ? ofWellKnown(message)
        : ofFields(message)
  made.set(message, schema)
  return schema
}

/** The schema of a generated message, or of an error class's `idl`. */
export const of = <A>(message: Type.Message<A>): Schema.Codec<A> => ofMessage(message)

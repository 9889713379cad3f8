/**
 * `effect/Schema` schemas of generated types, derived from their descriptors: for validation, JSON
 * (`Schema.toCodecJson`), property tests and whatever else speaks schemas. Not part of generated modules, since loading
 * `effect/Schema` costs memory that servers need not spend.
 *
 * A schema is of the TypeScript side: keys are those of TypeScript, i64 is a bigint. JSON in the IDL's names is `Json.ts`.
 */
import * as Schema from "effect/Schema"
import * as SchemaTransformation from "effect/SchemaTransformation"
import type * as Type from "./v1/Type.ts"

const integer = (bits: number): Schema.Codec<number> =>
  Schema.Number.check(Schema.isInt(), Schema.isBetween({ minimum: -(2 ** (bits - 1)), maximum: 2 ** (bits - 1) - 1 }))

const scalars: Readonly<Record<Type.ScalarKind, Schema.Codec<any, any>>> = {
  bool: Schema.Boolean,
  i8: integer(8),
  i16: integer(16),
  i32: integer(32),
  i64: Schema.BigInt.check(Schema.isBetweenBigInt({ minimum: -(2n ** 63n), maximum: 2n ** 63n - 1n })),
  i64Number: Schema.Int,
  double: Schema.Number,
  string: Schema.String,
  binary: Schema.Uint8Array,
  uuid: Schema.String.check(Schema.isPattern(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i))
}

const made = new WeakMap<Type.AnyMessage, Schema.Codec<any, any>>()

/** The schema of any type that a descriptor can say. */
export const ofType = (type: Type.Type): Schema.Codec<any, any> => {
  switch (type.kind) {
    case "list":
      return Schema.Array(ofType(type.element))
    case "set":
      return type.isArray ? Schema.Array(ofType(type.element)) : Schema.ReadonlySet(ofType(type.element))
    case "map":
      return Schema.ReadonlyMap(ofType(type.key), ofType(type.value))
    case "enum":
      return scalars.i32
    case "message":
      // Messages may contain themselves.
      return Schema.suspend(() => ofMessage(type.message))
    default:
      return scalars[type.kind]
  }
}

/** The schema of an object with these fields. */
export const ofFields = (message: Pick<Type.AnyMessage, "fields">): Schema.Codec<any, any> => {
  const fields: Record<string, Schema.Codec<any, any>> = {}
  for (const { isRequired, key, type } of message.fields()) {
    const schema = ofType(type)
    fields[key] = isRequired ? schema : (Schema.optional(schema) as unknown as Schema.Codec<any, any>)
  }
  return Schema.Struct(fields)
}

const ofUnion = (message: Type.AnyMessage): Schema.Codec<any, any> =>
  Schema.Union(
    message.fields().map(({ key, type }) => Schema.Struct({ _tag: Schema.Literal(key), value: ofType(type) }))
  )

const ofException = (message: Type.AnyMessage): Schema.Codec<any, any> => {
  const construct = message.construct!
  const plain = ofFields(message)
  const toFields = (error: any) =>
    Object.fromEntries(
      message
        .fields()
        .filter(({ key }) => Object.hasOwn(error, key))
        .map(({ key }) => [key, error[key]])
    )
  const is = Schema.is(plain)
  return Schema.declare((u: unknown): u is any => u instanceof construct && is(toFields(u)), {
    identifier: message.idlName,
    expected: message.idlName,
    toCodec: () =>
      Schema.link<any>()(
        plain,
        SchemaTransformation.transform({ decode: (fields) => new construct(fields), encode: toFields })
      )
  })
}

const ofMessage = (message: Type.AnyMessage): Schema.Codec<any, any> => {
  const known = made.get(message)
  if (known !== undefined) return known
  const of = { struct: ofFields, union: ofUnion, exception: ofException }[message.kind]
  const schema = of(message)
  made.set(message, schema)
  return schema
}

/** The schema of a generated struct or union, or of an exception's `idl`. */
export const of = <A>(message: Type.Message<A>): Schema.Codec<A> => ofMessage(message)

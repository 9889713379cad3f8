/** The schema of `RpcError`, for protocols that carry errors by their schemas. */
import * as Schema from "effect/Schema"
import * as SchemaTransformation from "effect/SchemaTransformation"
import * as RpcError from "../RpcError.ts"

type Fields = Readonly<Record<string, Schema.Codec<any, any>>>

/** An instance of a class, encoded as the fields named here; what is not named stays on this side. */
const instance = <A>(tag: string, construct: new (fields: any) => A, fields: Fields): Schema.Codec<A, any> =>
  Schema.declare((u: unknown): u is A => u instanceof construct, {
    identifier: tag,
    expected: tag,
    toCodec: () =>
      Schema.link<any>()(
        Schema.Struct({ _tag: Schema.Literal(tag), ...fields }),
        SchemaTransformation.transform({
          decode: ({ _tag, ...given }: any) => new construct(given),
          encode: (error: any) => ({ _tag: tag, ...pick(error, Object.keys(fields)) })
        })
      )
  })

const pick = (error: object, keys: ReadonlyArray<string>): object =>
  Object.fromEntries(keys.filter((key) => Object.hasOwn(error, key)).map((key) => [key, Reflect.get(error, key)]))

const optional = (schema: Schema.Codec<any, any>) => Schema.optional(schema) as unknown as Schema.Codec<any, any>

const details = Schema.Array(Schema.Struct({ typeUrl: Schema.String, value: Schema.Uint8Array }))

// A cause is for this side's logs: it may say more than the peer should know.
const reasons: { readonly [Tag in RpcError.Reason["_tag"]]: Schema.Codec<any, any> } = {
  DeadlineExceeded: instance("DeadlineExceeded", RpcError.DeadlineExceeded, {
    deadline: Schema.Number,
    detail: optional(Schema.String)
  }),
  Unavailable: instance("Unavailable", RpcError.Unavailable, { unsent: Schema.Boolean, detail: Schema.String }),
  Overloaded: instance("Overloaded", RpcError.Overloaded, { limit: Schema.String }),
  CircuitOpen: instance("CircuitOpen", RpcError.CircuitOpen, { key: Schema.String }),
  NoInstance: instance("NoInstance", RpcError.NoInstance, { target: Schema.String, detail: optional(Schema.String) }),
  ProtocolError: instance("ProtocolError", RpcError.ProtocolError, { detail: Schema.String }),
  ApplicationError: instance("ApplicationError", RpcError.ApplicationError, {
    code: Schema.Int,
    detail: Schema.String
  }),
  StatusError: instance("StatusError", RpcError.StatusError, {
    code: Schema.Int,
    detail: Schema.String,
    details: optional(details)
  }),
  BizError: instance("BizError", RpcError.BizError, {
    code: Schema.Int,
    detail: Schema.String,
    extra: Schema.ReadonlyMap(Schema.String, Schema.String)
  })
}

/** All of an `RpcError` but the `cause` of `Unavailable`. */
export const schema: Schema.Codec<RpcError.RpcError, any> = instance("RpcError", RpcError.RpcError, {
  method: Schema.String,
  peer: optional(Schema.String),
  reason: Schema.Union(Object.values(reasons))
})

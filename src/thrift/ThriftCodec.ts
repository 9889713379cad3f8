/** How generated code shows a type to the Thrift protocols: one straight-line codec for each of them. */
import type * as Result from "effect/Result"
import type { Codec } from "../Codec.ts"
import type { MethodCodec } from "../Method.ts"
import type { Reader } from "../wire/Reader.ts"
import type { Writer } from "../wire/Writer.ts"

export type Protocol = "binary" | "compact"

export type ThriftCodec<A> = { readonly [P in Protocol]: Codec<A, Writer, Reader> }

/** The codec of one Thrift method: its arguments as a struct, and its outcome as the result struct. */
export interface ThriftMethodCodec<in out Req, in out Res, in out E> extends MethodCodec {
  readonly protocol: "thrift"
  readonly arguments: ThriftCodec<Req>
  /**
   * Success is field 0, a declared exception its own field. Decoding a struct in which none is set, of a method that is
   * not void, throws a `CodecError` with reason MissingField; encoding an undeclared error throws InvalidValue.
   */
  readonly result: ThriftCodec<Result.Result<Res, E>>
}

export const isThriftMethodCodec = (codec: MethodCodec): codec is ThriftMethodCodec<unknown, unknown, unknown> =>
  codec.protocol === "thrift"

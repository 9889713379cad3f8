/** How generated code shows a method to gRPC: its path, and straight-line protobuf codecs of its messages and errors. */
import type { Codec } from "../Codec.ts"
import type { MethodCodec } from "../Method.ts"
import type { Reader } from "../wire/Reader.ts"
import type { Source } from "./ProtobufFile.ts"
import type { AnyMessage } from "./ProtobufType.ts"
import type { Writer } from "../wire/Writer.ts"

/** A message without prefix: it fills what the reader has, up to its `end`. */
export type ProtobufCodec<A> = Codec<A, Writer, Reader>

/** A message type that a method declares as one of its errors. It travels in the details of the status. */
export interface DeclaredError<in out E> {
  /** The full name of the message, as in `Any`'s type URL behind the last `/`. */
  readonly typeName: string
  /** The gRPC status code that goes with it; 0 never. */
  readonly code: number
  readonly is: (error: unknown) => error is E
  readonly codec: ProtobufCodec<E>
  /** What it is made of, for schemas; undefined where the codec was written by hand. */
  readonly message?: AnyMessage | undefined
}

export interface GrpcMethodCodec<in out Req, in out Res, out E> extends MethodCodec {
  readonly protocol: "grpc"
  /** `/package.Service/Method` */
  readonly path: string
  readonly request: ProtobufCodec<Req>
  readonly response: ProtobufCodec<Res>
  readonly errors: ReadonlyArray<DeclaredError<any>>
  /** What the messages are made of, for schemas; undefined where codecs were written by hand. */
  readonly types?: { readonly request: AnyMessage; readonly response: AnyMessage } | undefined
  /** The .proto file of its contract, for reflection; undefined where it was written by hand or generated without. */
  readonly file?: Source | undefined
  /** Only for inference; no value has it. */
  readonly "~error"?: E
}

export const isGrpcMethodCodec = (codec: MethodCodec): codec is GrpcMethodCodec<unknown, unknown, unknown> =>
  codec.protocol === "grpc"

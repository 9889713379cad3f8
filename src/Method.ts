/** One method of a Contract, as data: its name, kind and codec, with the types of its handler and client function. */
import type * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"
import type { Endpoint } from "./Endpoint.ts"
import type { RpcError } from "./RpcError.ts"

/** How many messages go each way: one and one, one and none, or a stream on one side or both. */
export type Kind = "unary" | "oneway" | "serverStream" | "clientStream" | "bidiStream"

/** A protocol's way to put this method's messages on the wire; each protocol knows its own by `protocol`. */
export interface MethodCodec {
  readonly protocol: string
}

/** A method of any types, as transports and middleware see it. */
export interface Any {
  readonly kind: Kind
  /** As in the IDL. */
  readonly name: string
  /** The IDL's name of the contract, qualified by its namespace. */
  readonly contract: string
  /** `contract.name`, for messages, spans and metrics. */
  readonly fullName: string
  /** Processing a call twice is as good as once, so a lost call may be sent again. */
  readonly idempotent: boolean
  readonly codec: MethodCodec
  /** How its client function and its endpoint are made, where it streams; undefined is one request and one reply. */
  readonly shape?: Shape | undefined
}

/** What a streaming method does in place of one request and one reply. `StreamMethod` has the shapes. */
export interface Shape {
  readonly toClient: (method: Any, endpoint: Endpoint["Service"]) => (request: never) => unknown
  readonly toEndpoint: (handler: (request: never) => unknown) => Endpoint["Service"]
}

/** A method of kind `K` that takes `Req`, gives `Res` and declares the errors `E`. */
export interface Method<out K extends Kind, in out Req, in out Res, in out E> extends Any {
  readonly kind: K
  /** Only for inference; no value has it. */
  readonly "~types"?: {
    readonly request: (_: Req) => Req
    readonly response: (_: Res) => Res
    readonly error: (_: E) => E
  }
}

/** What generated code knows of a method. */
export interface Options {
  readonly name: string
  readonly contract: string
  readonly idempotent?: boolean | undefined
  readonly codec: MethodCodec
}

/** Whether its requests are a stream, which is run once: whoever has begun it cannot have its messages again. */
export const takesStream = ({ kind }: Any): boolean => kind === "clientStream" || kind === "bidiStream"

/** A constructor of methods of one kind. */
export const make =
  <K extends Kind>(kind: K, shape?: Shape) =>
  <Req, Res, E = never>(options: Options): Method<K, Req, Res, E> => ({
    kind,
    name: options.name,
    contract: options.contract,
    fullName: `${options.contract}.${options.name}`,
    idempotent: options.idempotent ?? false,
    codec: options.codec,
    shape
  })

/** One request, one reply. */
export const unary = make("unary")

/** One request and no reply: the call ends when it is written, and no failure of the handler comes back. */
export const oneway = make("oneway")

/** The client function that a method becomes. A stream of requests may fail and need services of its own. */
export type ToClient<M> =
  M extends Method<infer K, infer Req, infer Res, infer E>
    ? K extends "serverStream"
      ? (request: Req) => Stream.Stream<Res, E | RpcError>
      : K extends "clientStream"
        ? <E2 = never, R = never>(requests: Stream.Stream<Req, E2, R>) => Effect.Effect<Res, E | E2 | RpcError, R>
        : K extends "bidiStream"
          ? <E2 = never, R = never>(requests: Stream.Stream<Req, E2, R>) => Stream.Stream<Res, E | E2 | RpcError, R>
          : (request: Req) => Effect.Effect<Res, E | RpcError>
    : never

/** The handler that a method needs, in an environment `R`. A oneway handler cannot fail: nobody would hear of it. */
export type ToHandler<M, R> =
  M extends Method<infer K, infer Req, infer Res, infer E>
    ? K extends "serverStream"
      ? (request: Req) => Stream.Stream<Res, E | RpcError, R>
      : K extends "clientStream"
        ? (requests: Stream.Stream<Req, RpcError>) => Effect.Effect<Res, E | RpcError, R>
        : K extends "bidiStream"
          ? (requests: Stream.Stream<Req, RpcError>) => Stream.Stream<Res, E | RpcError, R>
          : (request: Req) => Effect.Effect<Res, K extends "oneway" ? never : E | RpcError, R>
    : never

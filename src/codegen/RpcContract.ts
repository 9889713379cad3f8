/**
 * A contract over Effect's own protocols: its `RpcGroup`, the group's handlers made of what serves the contract, and a client's
 * transport made of the group's client.
 *
 * ```ts ignore
 * import { Layer, Router } from "volant"
 * import { RpcServer } from "effect/rpc"
 * import * as RpcContract from "volant/rpc"
 * import { ItemService } from "./gen/item.ts"
 *
 * // The same `ItemsLive` as below a ThriftServer; a `RpcServer.Protocol` is still to be provided.
 * const server = (ItemsLive: Layer.Layer<never, never, Router.Router>) =>
 *   RpcServer.layer(RpcContract.group(ItemService)).pipe(
 *     Layer.provide(RpcContract.layer(ItemService)),
 *     Layer.provide(Router.layer(ItemsLive))
 *   )
 * ```
 *
 * Requests that stream are not in a group: a request of `effect/rpc` is one value. Answers that stream are.
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Rpc from "effect/rpc/Rpc"
import * as RpcClient from "effect/rpc/RpcClient"
import * as RpcGroup from "effect/rpc/RpcGroup"
import type * as RpcSchema from "effect/rpc/RpcSchema"
import * as Schema from "effect/Schema"
import type * as SchemaAST from "effect/SchemaAST"
import type { Methods } from "../Contract.ts"
import { Endpoint } from "../Endpoint.ts"
import type * as Method from "../Method.ts"
import { Router } from "../Router.ts"
import type { RpcError } from "../RpcError.ts"
import * as Deadlines from "../transport/Deadlines.ts"
import * as MethodSchemas from "./MethodSchemas.ts"
import * as RpcEndpoint from "./RpcEndpoint.ts"
import * as RpcHandler from "./RpcHandler.ts"

/** A schema whose type is known and whose encoding is not. */
export interface SchemaOf<out T> extends Schema.Bottom<T, unknown, never, never, SchemaAST.AST, SchemaOf<T>> {}

/** What a method is in a group under the name `Tag`; never where its requests stream. */
export type ToRpc<Tag extends string, M> =
  M extends Method.Method<infer K, infer Req, infer Res, infer E>
    ? K extends "unary"
      ? Rpc.Rpc<Tag, SchemaOf<Req>, SchemaOf<Res>, SchemaOf<E | RpcError>>
      : K extends "oneway"
        ? Rpc.Rpc<Tag, SchemaOf<Req>, typeof Schema.Void, typeof Schema.Never>
        : K extends "serverStream"
          ? Rpc.Rpc<Tag, SchemaOf<Req>, RpcSchema.Stream<SchemaOf<Res>, SchemaOf<E | RpcError>>, typeof Schema.Never>
          : never
    : never

/** The group's members. */
export type Rpcs<M extends Methods, Prefix extends string = ""> = {
  readonly [K in keyof M & string]: ToRpc<`${Prefix}${K}`, M[K]>
}[keyof M & string]

/** How a contract's methods are named in a group. */
export interface Options<Prefix extends string> {
  /** Before each name, where one server has several contracts, for example `items.`. Default none. */
  readonly prefix?: Prefix | undefined
}

interface Described<M extends Methods> {
  readonly methods: M
}

/**
 * The group of a contract: one member a method, under its name in TypeScript, with the schemas of what generated code
 * describes. Errors are the declared ones and `RpcError`; a oneway method has none. Throws an Error when a codec was written by
 * hand.
 */
export const group = <M extends Methods, const Prefix extends string = "">(
  contract: Described<M>,
  options?: Options<Prefix>
): RpcGroup.RpcGroup<Rpcs<M, Prefix>> =>
  groupOf(membersOf(contract, options)) as unknown as RpcGroup.RpcGroup<Rpcs<M, Prefix>>

/**
 * The handlers of the group: they call the endpoint, that is the router with the middleware over it, as a server does. Deadlines
 * that middleware set are kept; headers of a request are its metadata and metainfo. What a method does not declare, and a
 * defect, is logged, and the caller gets an `RpcError` with reason `ApplicationError` and no detail.
 */
export const layer = <M extends Methods, const Prefix extends string = "">(
  contract: Described<M>,
  options?: Options<Prefix>
): Layer.Layer<Rpc.ToHandler<Rpcs<M, Prefix>>, never, Endpoint | Router> =>
  Layer.effectContext(
    Effect.gen(function* () {
      const server = { endpoint: yield* Endpoint, deadlines: yield* Deadlines.Deadlines }
      const router = yield* Router
      const members = membersOf(contract, options)
      const handlers = members.map(({ method, schemas, tag }) => {
        const route = router.find(method.contract, method.name)
        return [tag, RpcHandler.make(server, method, route, Schema.is(schemas.error))] as const
      })
      return yield* groupOf(members).toHandlers(Object.fromEntries(handlers) as never)
    })
  ).pipe(Layer.provide(Deadlines.layer)) as Layer.Layer<Rpc.ToHandler<Rpcs<M, Prefix>>, never, Endpoint | Router>

/**
 * What the contract's own client stands on, in place of a transport: its calls go over Effect's protocol. Metadata (text only)
 * and metainfo go as headers; a deadline ends the call here and does not travel. A failure of the protocol is an `RpcError` with
 * reason `Unavailable`.
 */
export const layerClient = <M extends Methods, const Prefix extends string = "">(
  contract: Described<M>,
  options?: Options<Prefix>
): Layer.Layer<Endpoint, never, RpcClient.Protocol> =>
  Layer.effect(
    Endpoint,
    Effect.suspend(() => {
      const members = membersOf(contract, options)
      return Effect.map(RpcClient.make(groupOf(members), { flatten: true }), (client) =>
        RpcEndpoint.make(members, client as unknown as RpcEndpoint.FlatClient)
      )
    })
  )

interface Member {
  readonly tag: string
  readonly method: Method.Any
  readonly schemas: MethodSchemas.MethodSchemas
}

const groupOf = (members: ReadonlyArray<Member>) => RpcGroup.make(...members.map(toRpc))

const membersOf = (contract: Described<Methods>, options: Options<string> | undefined): ReadonlyArray<Member> =>
  Object.entries(contract.methods)
    .filter(([, { kind }]) => kind !== "clientStream" && kind !== "bidiStream")
    .map(([key, method]) => ({
      tag: `${options?.prefix ?? ""}${key}`,
      method,
      schemas: MethodSchemas.make(method)
    }))

const toRpc = ({ method, schemas: { error, request, response }, tag }: Member): Rpc.Any =>
  method.kind === "oneway"
    ? Rpc.make(tag, { payload: request })
    : Rpc.make(tag, { payload: request, success: response, error, stream: method.kind === "serverStream" })

/** A contract over Effect's own protocols: types of the group, of its client, and of what its handlers stand on. */
import type * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import type * as Rpc from "effect/rpc/Rpc"
import type * as RpcClient from "effect/rpc/RpcClient"
import type { RpcClientError } from "effect/rpc/RpcClientError"
import type * as RpcGroup from "effect/rpc/RpcGroup"
import type * as Stream from "effect/Stream"
import { Greeter, type HelloReply, type HelloRequest, type NobodyThere } from "../../examples/greeter/gen/greeter.ts"
import * as RpcContract from "../../src/codegen/RpcContract.ts"
import type { Endpoint } from "../../src/Endpoint.ts"
import type { Router } from "../../src/Router.ts"
import type { RpcError } from "../../src/RpcError.ts"
import type { Assert, Equal, HasAny, Not } from "./Assert.ts"
import { type GetItemRequest, type Gone, type Item, Items, type NotFound } from "./items.ts"

const items = RpcContract.group(Items)
const greeter = RpcContract.group(Greeter, { prefix: "greeter." })

type ItemsRpcs = RpcGroup.Rpcs<typeof items>
type GetItem = Extract<ItemsRpcs, { readonly _tag: "getItem" }>
type Log = Extract<ItemsRpcs, { readonly _tag: "log" }>
type Often = Extract<RpcGroup.Rpcs<typeof greeter>, { readonly _tag: "greeter.sayHelloOften" }>

export type Members = [
  Assert<Equal<ItemsRpcs["_tag"], "getItem" | "ping" | "log">>,
  Assert<Equal<Rpc.Payload<GetItem>, GetItemRequest>>,
  Assert<Equal<Rpc.PayloadConstructor<GetItem>, GetItemRequest>>,
  Assert<Equal<Rpc.Success<GetItem>, Item>>,
  Assert<Equal<Rpc.Error<GetItem>, NotFound | Gone | RpcError>>,
  Assert<Equal<Rpc.Error<Log>, never>>,
  Assert<Equal<Rpc.Services<GetItem>, never>>,
  // Methods whose requests stream are not there.
  Assert<Equal<RpcGroup.Rpcs<typeof greeter>["_tag"], "greeter.sayHello" | "greeter.sayHelloOften">>,
  Assert<Equal<Rpc.Payload<Often>, HelloRequest>>,
  Assert<Equal<Rpc.SuccessChunk<Often>, HelloReply>>,
  Assert<Equal<Rpc.ErrorExit<Often>, RpcError>>
]

declare const itemsClient: RpcClient.FromGroup<typeof items, RpcClientError>
declare const greeterClient: RpcClient.FromGroup<typeof greeter, RpcClientError>

const got = itemsClient.getItem({ id: 1n })
const hello = greeterClient["greeter.sayHello"]({ name: "" })
const often = greeterClient["greeter.sayHelloOften"]({ name: "" })
export type Clients = [
  Assert<Equal<typeof got, Effect.Effect<Item, NotFound | Gone | RpcError | RpcClientError>>>,
  Assert<Equal<typeof hello, Effect.Effect<HelloReply, NobodyThere | RpcError | RpcClientError>>>,
  Assert<Equal<typeof often, Stream.Stream<HelloReply, RpcError | RpcClientError>>>,
  Assert<Not<HasAny<typeof got>>>
]

// @ts-expect-error: the request is of another shape
export const wrongRequest = () => itemsClient.getItem({ key: "one" })

// @ts-expect-error: an effect/rpc request is one value
export const streamed = () => greeterClient["greeter.sayHelloToAll"]({ name: "" })

const handlers = RpcContract.layer(Items)
const transport = RpcContract.layerClient(Items)
export type Layers = [
  Assert<
    Equal<
      typeof handlers,
      Layer.Layer<Rpc.Handler<"getItem"> | Rpc.Handler<"ping"> | Rpc.Handler<"log">, never, Endpoint | Router>
    >
  >,
  Assert<Equal<typeof transport, Layer.Layer<Endpoint, never, RpcClient.Protocol>>>
]

/**
 * Methods with a stream on one side or both. A received body is a Stream, a sent one too; the payload of a call and the
 * success of a reply then are Streams of messages. Apart from `Method`, so that who does not stream loads no Stream.
 */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import * as ClientCall from "./ClientCall.ts"
import type { Endpoint } from "./Endpoint.ts"
import * as HandlerCall from "./HandlerCall.ts"
import * as Method from "./Method.ts"
import * as Reply from "./Reply.ts"

const send = (method: Method.Any, endpoint: Endpoint["Service"], payload: unknown) =>
  Effect.withFiber((fiber) => ClientCall.send(fiber, endpoint, method, payload))

/** What a reply of a method that streams its answer gives the client. */
export const toStream = (reply: Reply.Reply): Stream.Stream<unknown, unknown> =>
  Result.isSuccess(reply.result)
    ? (reply.result.success as Stream.Stream<unknown, unknown>)
    : Stream.fail(reply.result.failure)

const clientOfEffect: Method.Shape["toClient"] = (method, endpoint) => (requests: unknown) =>
  Effect.flatMap(send(method, endpoint, requests), Reply.toEffect)

const clientOfStream: Method.Shape["toClient"] = (method, endpoint) => (request: unknown) =>
  Stream.unwrap(Effect.map(send(method, endpoint, request), toStream))

const endpointOfEffect: Method.Shape["toEndpoint"] = (handler) => (call) =>
  HandlerCall.run(call, handler as (request: unknown) => Effect.Effect<unknown, unknown>)

// The transport runs the stream, in the call's own fiber.
const endpointOfStream: Method.Shape["toEndpoint"] = (handler) => (call) =>
  HandlerCall.run(call, (request) => Exit.succeed(handler(request as never)))

/** One request, a stream of replies. */
export const serverStream = Method.make("serverStream", { toClient: clientOfStream, toEndpoint: endpointOfStream })

/** A stream of requests, one reply. */
export const clientStream = Method.make("clientStream", { toClient: clientOfEffect, toEndpoint: endpointOfEffect })

/** A stream each way. */
export const bidiStream = Method.make("bidiStream", { toClient: clientOfStream, toEndpoint: endpointOfStream })

/** connectrpc.conformance.v1.ConformanceService: each request says what is to be answered. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as Call from "../../../src/Call.ts"
import type { Handlers } from "../../../src/Contract.ts"
import type * as Type from "../../../src/grpc/ProtobufType.ts"
import * as WellKnown from "../../../src/grpc/WellKnown.ts"
import * as Metadata from "../../../src/Metadata.ts"
import * as ReplyMetadata from "../../../src/ReplyMetadata.ts"
import { RpcError, StatusError } from "../../../src/RpcError.ts"
import {
  BidiStreamRequest,
  ClientStreamRequest,
  ConformancePayload,
  ConformancePayload_RequestInfo,
  type ConformanceService,
  type Error,
  type Header,
  IdempotentUnaryRequest,
  ServerStreamRequest,
  type StreamResponseDefinition,
  UnaryRequest,
  type UnaryResponseDefinition
} from "./gen/connectrpc/conformance/v1/service.ts"
import { fromHeaders, toHeaders } from "./Payloads.ts"

type RequestInfo = ConformancePayload_RequestInfo

const method = "connectrpc.conformance.v1.ConformanceService"

const fail = ({ code, details, message }: Error, info: RequestInfo | undefined) => {
  const request = info === undefined ? [] : [WellKnown.Any.pack(ConformancePayload_RequestInfo, info)]
  const reason = new StatusError({ code, detail: message ?? "", details: [...details, ...request] })
  return Effect.fail(new RpcError({ method, reason }))
}

const pause = (millis: number) => (millis > 0 ? Effect.sleep(millis) : Effect.void)

/** What has been seen of the call, with these of its requests. */
const observe = <A>(message: Type.Message<A>, requests: ReadonlyArray<A>) =>
  Effect.gen(function* () {
    const call = yield* Call.Current
    const now = yield* Clock.currentTimeMillis
    return ConformancePayload_RequestInfo.make({
      requestHeaders: toHeaders(call?.metadata ?? Metadata.empty),
      timeoutMs: call?.deadline === undefined ? undefined : BigInt(Math.max(0, Math.round(call.deadline - now))),
      requests: requests.map((request) => WellKnown.Any.pack(message, request))
    })
  })

interface Definition {
  readonly responseHeaders: ReadonlyArray<Header>
  readonly responseTrailers: ReadonlyArray<Header>
}

const announce = (definition: Definition | undefined) =>
  Effect.gen(function* () {
    const headers = fromHeaders(definition?.responseHeaders ?? [])
    const trailers = fromHeaders(definition?.responseTrailers ?? [])
    for (const [key, value] of headers.entries) yield* ReplyMetadata.append(key, value)
    for (const [key, value] of trailers.entries) yield* ReplyMetadata.appendTrailer(key, value)
  })

const answer = <A>(
  definition: UnaryResponseDefinition | undefined,
  message: Type.Message<A>,
  requests: ReadonlyArray<A>
) =>
  Effect.gen(function* () {
    const requestInfo = yield* observe(message, requests)
    yield* announce(definition)
    yield* pause(definition?.responseDelayMs ?? 0)
    const response = definition?.response
    if (response?._tag === "error") return yield* fail(response.value, requestInfo)
    const data = response?._tag === "responseData" ? response.value : new Uint8Array(0)
    return { payload: ConformancePayload.make({ data, requestInfo }) }
  })

const payloadOf = (data: Uint8Array, requestInfo: RequestInfo | undefined) => ({
  payload: ConformancePayload.make({ data, requestInfo })
})

/** The replies from `first` on, and what comes after them. The first of all tells of the requests. */
const rest = (definition: StreamResponseDefinition | undefined, first: number, info: RequestInfo) => {
  if (definition === undefined) return Stream.empty
  const { error, responseData, responseDelayMs } = definition
  const replies = Stream.fromIterable(responseData.slice(first)).pipe(
    Stream.zipWithIndex,
    Stream.mapEffect(([data, index]) =>
      Effect.as(pause(responseDelayMs), payloadOf(data, first + index === 0 ? info : undefined))
    )
  )
  if (error === undefined) return replies
  const failure = Effect.suspend(() => fail(error, responseData.length === 0 ? info : undefined))
  return Stream.concat(replies, Stream.fromEffect(failure))
}

const serverStream = (request: ServerStreamRequest) =>
  Stream.unwrap(
    Effect.gen(function* () {
      const info = yield* observe(ServerStreamRequest, [request])
      yield* announce(request.responseDefinition)
      yield* ReplyMetadata.flush
      return rest(request.responseDefinition, 0, info)
    })
  )

/** The two ways of a bidirectional call: a reply for each request as it comes, or all replies after all requests. */
const bidiStream = (requests: Stream.Stream<BidiStreamRequest, RpcError>) =>
  Stream.suspend(() => {
    let definition: StreamResponseDefinition | undefined
    let isFullDuplex = false
    let isFirst = true
    let sent = 0
    let seen: Array<BidiStreamRequest> = []
    const begin = (request: BidiStreamRequest) => {
      isFirst = false
      definition = request.responseDefinition
      isFullDuplex = request.fullDuplex
      return Effect.andThen(announce(definition), isFullDuplex ? ReplyMetadata.flush : Effect.void)
    }
    const reply = (data: Uint8Array) =>
      Effect.gen(function* () {
        yield* pause(definition?.responseDelayMs ?? 0)
        const info =
          sent === 0
            ? yield* observe(BidiStreamRequest, seen)
            : ConformancePayload_RequestInfo.make({
                requests: seen.map((request) => WellKnown.Any.pack(BidiStreamRequest, request))
              })
        sent++
        seen = []
        return payloadOf(data, info)
      })
    const onRequest = (request: BidiStreamRequest) =>
      Stream.unwrap(
        Effect.gen(function* () {
          if (isFirst) yield* begin(request)
          seen.push(request)
          if (!isFullDuplex) return Stream.empty
          const data = definition?.responseData[sent]
          if (data !== undefined) return Stream.fromEffect(reply(data))
          const error = definition?.error
          if (error === undefined) return Stream.empty
          const info = sent === 0 ? yield* observe(BidiStreamRequest, seen) : undefined
          return Stream.fromEffect(fail(error, info))
        })
      )
    const end = Effect.gen(function* () {
      if (!isFullDuplex) yield* ReplyMetadata.flush
      return rest(definition, sent, yield* observe(BidiStreamRequest, seen))
    })
    return Stream.concat(Stream.flatMap(requests, onRequest), Stream.unwrap(end))
  })

export const handlers: Handlers<typeof ConformanceService.methods> = {
  unary: (request) => answer(request.responseDefinition, UnaryRequest, [request]),
  idempotentUnary: (request) => answer(request.responseDefinition, IdempotentUnaryRequest, [request]),
  serverStream,
  clientStream: (requests) =>
    Effect.flatMap(Stream.runCollect(requests), (all) => answer(all[0]?.responseDefinition, ClientStreamRequest, all)),
  bidiStream,
  unimplemented: () =>
    Effect.fail(new RpcError({ method, reason: new StatusError({ code: 12, detail: "not for servers to implement" }) }))
}

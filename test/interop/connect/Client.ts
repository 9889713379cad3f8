/** The client under test of Connect's conformance runner: one call as a request describes it, and what came of it. */
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import * as Stream from "effect/Stream"
import * as CallOptions from "../../../src/CallOptions.ts"
import type { GrpcMethodCodec } from "../../../src/grpc/GrpcCodec.ts"
import * as GrpcClient from "../../../src/grpc/GrpcClient.ts"
import * as GrpcWebClient from "../../../src/grpc/GrpcWebClient.ts"
import * as Protobuf from "../../../src/grpc/Protobuf.ts"
import * as Status from "../../../src/grpc/Status.ts"
import * as Layer from "../../../src/Layer.ts"
import * as Metadata from "../../../src/Metadata.ts"
import type * as Method from "../../../src/Method.ts"
import type { Reply } from "../../../src/Reply.ts"
import { RpcError } from "../../../src/RpcError.ts"
import * as Direct from "../../../src/transport/Direct.ts"
import { Reader } from "../../../src/wire/Reader.ts"
import {
  type ClientCompatRequest,
  ClientCompatResponse,
  ClientErrorResult,
  ClientResponseResult
} from "./gen/connectrpc/conformance/v1/client_compat.ts"
import { Compression, HTTPVersion, Protocol, StreamType } from "./gen/connectrpc/conformance/v1/config.ts"
import { ConformancePayload, ConformanceService, type Error } from "./gen/connectrpc/conformance/v1/service.ts"
import { fromHeaders, toError, toHeaders } from "./Payloads.ts"

const encodings = new Map<number, "gzip" | "deflate" | "zstd">([
  [Compression.COMPRESSION_GZIP, "gzip"],
  [Compression.COMPRESSION_DEFLATE, "deflate"],
  [Compression.COMPRESSION_ZSTD, "zstd"]
])

const canceled = 1

const optionsOf = (request: ClientCompatRequest): GrpcClient.Options => {
  const { clientTlsCreds, compression, messageReceiveLimit, serverTlsCert } = request
  const encoding = encodings.get(compression)
  const { cert, key } = clientTlsCreds ?? {}
  return {
    compression: { send: encoding === undefined ? [] : [encoding], threshold: 0 },
    ...(messageReceiveLimit > 0 ? { maxReceiveMessageSize: messageReceiveLimit } : {}),
    ...(serverTlsCert.length > 0
      ? {
          tls: {
            ca: Buffer.from(serverTlsCert),
            ...(cert === undefined || key === undefined ? {} : { cert: Buffer.from(cert), key: Buffer.from(key) })
          }
        }
      : {})
  }
}

const clientOf = (request: ClientCompatRequest) => {
  const options = optionsOf(request)
  if (request.protocol !== Protocol.PROTOCOL_GRPC_WEB) return GrpcClient.layer(options)
  const http = request.httpVersion === HTTPVersion.HTTP_VERSION_1 ? "1.1" : "2"
  return GrpcWebClient.layer({ ...options, http })
}

/** What is known of a call while it runs. */
class Progress {
  readonly payloads: Array<ConformancePayload> = []
  reply: Reply | undefined
  /** Requests that the client has asked for. */
  pulled = 0
}

interface Answer {
  readonly payload?: ConformancePayload | undefined
}

const methodOf = (request: ClientCompatRequest): { readonly key: string; readonly method: Method.Any } => {
  const name = request.method ?? ""
  const found = Object.entries<Method.Any>(ConformanceService.methods).find(([, method]) => method.name === name)
  if (found === undefined) throw new globalThis.Error(`there is no method ${request.service}/${name}`)
  return { key: found[0], method: found[1] }
}

/** One call; `cancel` is done when it is to be canceled. */
class Exchange {
  readonly progress: Progress
  readonly cancel = Deferred.makeUnsafe<void>()
  readonly messages: ReadonlyArray<unknown>
  private readonly request: ClientCompatRequest
  private readonly call: (request: unknown) => unknown
  private readonly method: Method.Any

  constructor(request: ClientCompatRequest, client: Record<string, (request: never) => unknown>, progress: Progress) {
    this.progress = progress
    const { key, method } = methodOf(request)
    const codec = method.codec as GrpcMethodCodec<unknown, unknown, unknown>
    this.request = request
    this.method = method
    this.call = client[key] as (request: unknown) => unknown
    this.messages = request.requestMessages.map(({ value }) => codec.request.decode(new Reader(value, Protobuf.limits)))
  }

  get isStreaming(): boolean {
    return this.method.kind === "clientStream" || this.method.kind === "bidiStream"
  }

  get run(): Effect.Effect<void, unknown> {
    switch (this.method.kind) {
      case "serverStream":
        return Effect.andThen(this.delay, Effect.andThen(this.cancelLater, this.receive(this.call(this.messages[0]))))
      case "clientStream":
        return Effect.flatMap(this.call(this.paced) as Effect.Effect<Answer, unknown>, this.onAnswer)
      case "bidiStream":
        return this.request.streamType === StreamType.STREAM_TYPE_FULL_DUPLEX_BIDI_STREAM
          ? this.pingPong
          : this.receive(this.call(this.paced))
      default: {
        const unary = this.call(this.messages[0]) as Effect.Effect<Answer, unknown>
        return Effect.andThen(this.delay, Effect.andThen(this.cancelLater, Effect.flatMap(unary, this.onAnswer)))
      }
    }
  }

  private readonly onAnswer = ({ payload }: Answer) =>
    Effect.suspend(() => {
      this.progress.payloads.push(payload ?? ConformancePayload.make())
      const timing = this.request.cancel?.cancelTiming
      const isEnough = timing?._tag === "afterNumResponses" && this.progress.payloads.length === timing.value
      return isEnough ? Effect.andThen(Deferred.succeed(this.cancel, undefined), Effect.never) : Effect.void
    })

  private receive(replies: unknown): Effect.Effect<void, unknown> {
    return Stream.runForEach(replies as Stream.Stream<Answer, unknown>, this.onAnswer)
  }

  private readonly delay = Effect.suspend(() =>
    this.request.requestDelayMs > 0 ? Effect.sleep(this.request.requestDelayMs) : Effect.void
  )

  /** After the last request. */
  private readonly cancelLater = Effect.suspend(() => {
    const { cancel } = this.request
    if (cancel === undefined || cancel.cancelTiming?._tag === "afterNumResponses") return Effect.void
    if (cancel.cancelTiming?._tag === "beforeCloseSend") {
      return Effect.andThen(Deferred.succeed(this.cancel, undefined), Effect.never)
    }
    const later = Effect.delay(Deferred.succeed(this.cancel, undefined), cancel.cancelTiming?.value ?? 0)
    return Effect.asVoid(Effect.forkDetach(later))
  })

  private readonly pull = (message: unknown) =>
    Effect.map(this.delay, () => {
      this.progress.pulled++
      return message
    })

  private get paced(): Stream.Stream<unknown> {
    const requests = Stream.mapEffect(Stream.fromIterable(this.messages), this.pull)
    return Stream.concat(requests, Stream.drain(Stream.fromEffect(this.cancelLater)))
  }

  /** A request, a reply, and so on. */
  private get pingPong(): Effect.Effect<void, unknown> {
    return Effect.gen({ self: this }, function* () {
      const queue = yield* Queue.unbounded<unknown, Cause.Done>()
      let next = 0
      const send = Effect.suspend(() => {
        if (next < this.messages.length) return Queue.offer(queue, this.messages[next++])
        next++
        if (next > this.messages.length + 1) return Effect.void
        return Effect.andThen(this.cancelLater, Queue.end(queue))
      })
      yield* send
      const requests = Stream.mapEffect(Stream.fromQueue(queue), this.pull)
      const replies = this.call(requests) as Stream.Stream<Answer, unknown>
      yield* Stream.runForEach(replies, (reply) => Effect.andThen(this.onAnswer(reply), send))
    })
  }
}

const errorOf = (error: unknown): Error => {
  if (!(error instanceof RpcError)) return toError(2, String(error), [])
  const { code, details, message } = Status.fromReason(error.reason)
  return toError(code, message, details)
}

const resultOf = ({ messages, progress }: Exchange, error: unknown): ClientResponseResult => {
  const failure = error === undefined ? undefined : error === "canceled" ? toError(canceled, "", []) : errorOf(error)
  const before = error instanceof RpcError ? GrpcClient.metadata(error) : Metadata.empty
  const trailers = error instanceof RpcError ? GrpcClient.trailers(error) : Metadata.empty
  return ClientResponseResult.make({
    responseHeaders: toHeaders(Metadata.isEmpty(before) ? (progress.reply?.metadata ?? Metadata.empty) : before),
    responseTrailers: toHeaders(Metadata.isEmpty(trailers) ? (progress.reply?.trailers ?? Metadata.empty) : trailers),
    payloads: progress.payloads,
    error: failure,
    numUnsentRequests: Math.max(0, messages.length - progress.pulled)
  })
}

const withOptions =
  (request: ClientCompatRequest) =>
  <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> => {
    let call = self
    // The options that are applied last are asked first.
    for (const [key, value] of [...fromHeaders(request.requestHeaders).entries].reverse()) {
      call = call.pipe(CallOptions.withMetadata(key, value))
    }
    return request.timeoutMs === undefined ? call : call.pipe(CallOptions.withTimeout(request.timeoutMs))
  }

const exchange = (request: ClientCompatRequest) =>
  Effect.gen(function* () {
    const progress = new Progress()
    const record = Layer.middleware(
      (inner) => (call) =>
        Effect.tap(inner(call), (reply) =>
          Effect.sync(() => {
            progress.reply = reply
          })
        )
    )
    const connected = ConformanceService.client.pipe(
      Layer.provide(record),
      Layer.provide(Direct.layer(`${request.host}:${request.port}`)),
      Layer.provide(clientOf(request))
    )
    const client = Context.get(yield* Layer.build(connected), ConformanceService)
    const one = new Exchange(request, client, progress)
    const canceling = Effect.andThen(Deferred.await(one.cancel), Effect.fail("canceled" as const))
    const error = yield* Effect.raceFirst(one.run, canceling).pipe(
      withOptions(request),
      Effect.matchCause({
        onSuccess: () => undefined,
        onFailure: (cause) =>
          Cause.findErrorOption(cause).pipe((found) => (found._tag === "Some" ? found.value : cause))
      })
    )
    if (!one.isStreaming) progress.pulled = one.messages.length
    return resultOf(one, error)
  }).pipe(Effect.scoped)

/** Never fails: what cannot be done is an answer too. */
export const respond = (request: ClientCompatRequest): Effect.Effect<ClientCompatResponse> =>
  exchange(request).pipe(
    Effect.map((value) => ({ _tag: "response" as const, value })),
    Effect.catchCause((cause) =>
      Effect.succeed({ _tag: "error" as const, value: ClientErrorResult.make({ message: String(cause) }) })
    ),
    Effect.map((result) => ClientCompatResponse.make({ testName: request.testName, result }))
  )

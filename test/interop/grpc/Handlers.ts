/** grpc.testing.TestService as the gRPC interop list wants it from a server. */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as Call from "../../../src/Call.ts"
import * as ReplyCompression from "../../../src/grpc/ReplyCompression.ts"
import * as RequestCompression from "../../../src/grpc/RequestCompression.ts"
import * as Metadata from "../../../src/Metadata.ts"
import * as ReplyMetadata from "../../../src/ReplyMetadata.ts"
import { RpcError, StatusError } from "../../../src/RpcError.ts"
import { Empty } from "./gen/grpc/testing/empty.ts"
import {
  type BoolValue,
  type EchoStatus,
  Payload,
  SimpleResponse,
  StreamingInputCallResponse,
  type StreamingOutputCallRequest,
  StreamingOutputCallResponse
} from "./gen/grpc/testing/messages.ts"
import type { TestService } from "./gen/grpc/testing/test.ts"
import type { Handlers } from "../../../src/Contract.ts"

export const echoInitial = "x-grpc-test-echo-initial"
export const echoTrailing = "x-grpc-test-echo-trailing-bin"

const invalidArgument = 3
const unimplemented = 12

/** For clients that make sure that one server answers. */
const serverId = `volant ${process.pid}`

/** Sends back the two metadata entries that the list asks servers to echo. */
const echoMetadata = Effect.gen(function* () {
  const call = yield* Call.Current
  if (call === undefined) return
  const initial = Metadata.get(call.metadata, echoInitial)
  const trailing = Metadata.get(call.metadata, echoTrailing)
  if (initial !== undefined) yield* ReplyMetadata.append(echoInitial, initial)
  if (trailing !== undefined) yield* ReplyMetadata.appendTrailer(echoTrailing, trailing)
})

const fail = (code: number, detail: string) =>
  Effect.fail(new RpcError({ method: "grpc.testing.TestService", reason: new StatusError({ code, detail }) }))

const wanted = (status: EchoStatus | undefined) =>
  status === undefined || status.code === 0 ? Effect.void : fail(status.code, status.message)

const payload = (size: number) => Payload.make({ body: new Uint8Array(size) })

/** Fails where the message that was taken last did not come as the client says that it should. */
const expected = (wanted: BoolValue | undefined) =>
  wanted === undefined
    ? Effect.void
    : Effect.flatMap(RequestCompression.isCompressed, (isCompressed) =>
        isCompressed === wanted.value
          ? Effect.void
          : fail(invalidArgument, `the message came ${isCompressed ? "compressed" : "as it is"}`)
      )

/** Replies are compressed only where they are asked for so. */
const compressed = (wanted: BoolValue | undefined) => ReplyCompression.set(wanted?.value === true)

/** The replies that one request of a streaming call asks for, each after its pause. */
const replies = (request: StreamingOutputCallRequest) =>
  Stream.fromIterable(request.responseParameters).pipe(
    Stream.mapEffect(({ compressed: wanted, intervalUs, size }) => {
      const reply = Effect.map(compressed(wanted), () => StreamingOutputCallResponse.make({ payload: payload(size) }))
      return intervalUs > 0 ? Effect.delay(reply, intervalUs / 1000) : reply
    }),
    Stream.concat(Stream.drain(Stream.fromEffect(wanted(request.responseStatus))))
  )

const withEcho = <A, E>(stream: Stream.Stream<A, E>) => Stream.unwrap(Effect.as(echoMetadata, stream))

export const handlers: Handlers<typeof TestService.methods> = {
  emptyCall: () => Effect.as(echoMetadata, Empty.make()),
  unaryCall: (request) =>
    Effect.gen(function* () {
      yield* echoMetadata
      yield* expected(request.expectCompressed)
      yield* wanted(request.responseStatus)
      yield* compressed(request.responseCompressed)
      return SimpleResponse.make({
        payload: payload(request.responseSize),
        serverId: request.fillServerId ? serverId : ""
      })
    }),
  cacheableUnaryCall: (request) => Effect.sync(() => SimpleResponse.make({ payload: payload(request.responseSize) })),
  streamingOutputCall: (request) => withEcho(replies(request)),
  streamingInputCall: (requests) =>
    requests.pipe(
      Stream.mapEffect(({ expectCompressed, payload }) => Effect.as(expected(expectCompressed), payload?.body.length)),
      Stream.runFold(
        () => 0,
        (sum, size) => sum + (size ?? 0)
      ),
      Effect.map((aggregatedPayloadSize) => StreamingInputCallResponse.make({ aggregatedPayloadSize }))
    ),
  fullDuplexCall: (requests) => withEcho(Stream.flatMap(requests, replies)),
  halfDuplexCall: (requests) =>
    Stream.unwrap(Effect.map(Stream.runCollect(requests), (all) => Stream.flatMap(Stream.fromIterable(all), replies))),
  unimplementedCall: () => fail(unimplemented, "not for servers to implement")
}

/** The cases of the gRPC interop list, from the client's side. Each fails with what is not as the list says. */
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Latch from "effect/Latch"
import * as Queue from "effect/Queue"
import * as Stream from "effect/Stream"
import * as CallOptions from "../../../src/CallOptions.ts"
import * as GrpcClient from "../../../src/grpc/GrpcClient.ts"
import * as Metadata from "../../../src/Metadata.ts"
import type { Case } from "./Cases.ts"
import * as CompressedChecks from "./CompressedChecks.ts"
import { Empty } from "./gen/grpc/testing/empty.ts"
import {
  EchoStatus,
  ResponseParameters,
  SimpleRequest,
  StreamingInputCallRequest,
  StreamingOutputCallRequest
} from "./gen/grpc/testing/messages.ts"
import { echoInitial, echoTrailing } from "./Handlers.ts"
import { body, type Check, codeOf, detailOf, equal, large, type Probe, sizes as largeSizes } from "./Probe.ts"

const sizes = { requests: [27_182, 8, 1_828, 45_904], replies: [31_415, 9, 2_653, 58_979] }

const inputs = sizes.requests.map((size) => StreamingInputCallRequest.make({ payload: body(size) }))

const output = (size: number, request: number) =>
  StreamingOutputCallRequest.make({
    responseParameters: [ResponseParameters.make({ size })],
    payload: body(request)
  })

const largeUnary: Check = ({ client }) =>
  Effect.gen(function* () {
    const { payload } = yield* client.unaryCall(large)
    yield* equal("the reply's size", payload?.body.length, largeSizes.reply)
  })

/** Requests that are sent one after the other, as the replies come. */
const pingPong: Check = ({ client }) =>
  Effect.gen(function* () {
    const requests = yield* Queue.unbounded<StreamingOutputCallRequest, import("effect/Cause").Done>()
    const send = (index: number) =>
      index < sizes.requests.length
        ? Queue.offer(requests, output(sizes.replies[index]!, sizes.requests[index]!))
        : Queue.end(requests)
    yield* send(0)
    const received: Array<number> = []
    yield* Stream.runForEach(client.fullDuplexCall(Stream.fromQueue(requests)), (reply) => {
      received.push(reply.payload?.body.length ?? 0)
      return send(received.length)
    })
    yield* equal("the sizes", received, sizes.replies)
  })

const cancelAfterBegin: Check = ({ client }) =>
  Effect.gen(function* () {
    const isPulled = yield* Latch.make()
    const never = Stream.fromEffect(Effect.andThen(isPulled.open, Effect.never))
    const fiber = yield* Effect.forkChild(client.streamingInputCall(never))
    yield* isPulled.await
    yield* Fiber.interrupt(fiber)
    const exit = yield* Fiber.await(fiber)
    yield* equal("the end of the call", exit._tag, "Failure")
  })

const cancelAfterFirst: Check = ({ client }) =>
  Effect.gen(function* () {
    const requests = Stream.concat(Stream.make(output(31_415, 27_182)), Stream.never)
    const first = yield* Stream.runCollect(Stream.take(client.fullDuplexCall(requests), 1))
    yield* equal("the size", first[0]?.payload?.body.length, 31_415)
  })

const timeoutOnSleeping: Check = ({ client }) =>
  Effect.gen(function* () {
    const requests = Stream.concat(
      Stream.make(StreamingOutputCallRequest.make({ payload: body(27_182) })),
      Stream.never
    )
    const error = yield* Stream.runDrain(client.fullDuplexCall(requests)).pipe(
      CallOptions.withTimeout("1 millis"),
      Effect.flip
    )
    yield* equal("the status", codeOf(error), 4)
  })

const statusOf = (probe: Probe, message: string): Effect.Effect<void, unknown> =>
  Effect.gen(function* () {
    const responseStatus = EchoStatus.make({ code: 2, message })
    const unary = yield* Effect.flip(probe.client.unaryCall(SimpleRequest.make({ responseStatus })))
    yield* equal("the status", [codeOf(unary), detailOf(unary)], [2, message])
    const requests = Stream.make(StreamingOutputCallRequest.make({ responseStatus }))
    const streamed = yield* Effect.flip(Stream.runDrain(probe.client.fullDuplexCall(requests)))
    yield* equal("the stream's status", [codeOf(streamed), detailOf(streamed)], [2, message])
  })

const customMetadata: Check = ({ client, replies }) =>
  Effect.gen(function* () {
    const trailing = Uint8Array.of(0xab, 0xab, 0xab)
    const withMetadata = <A, E, R>(self: Effect.Effect<A, E, R>) =>
      self.pipe(
        CallOptions.withMetadata(echoInitial, "test_initial_metadata_value"),
        CallOptions.withMetadata(echoTrailing, trailing)
      )
    const check = Effect.suspend(() => {
      const reply = replies.at(-1)!
      const seen = [Metadata.get(reply.metadata, echoInitial), Metadata.get(reply.trailers, echoTrailing)]
      return equal("the echoed metadata", seen, ["test_initial_metadata_value", trailing])
    })
    yield* withMetadata(client.unaryCall(large))
    yield* check
    yield* withMetadata(Stream.runDrain(client.fullDuplexCall(Stream.make(output(314_159, 271_828)))))
    yield* check
  })

const isUnimplemented = (call: Effect.Effect<unknown, unknown>) =>
  Effect.gen(function* () {
    yield* equal("the status", codeOf(yield* Effect.flip(call)), 12)
  })

/** The list has it as a thing to do, of 1,000 calls. */
const concurrency = 1000

/** Beyond what either side takes unless told otherwise. */
const veryLarge: Check = ({ client }) =>
  Effect.gen(function* () {
    const { payload } = yield* client
      .unaryCall(SimpleRequest.make({ responseSize: 10 * 1024 * 1024, payload: body(10 * 1024 * 1024) }))
      .pipe(GrpcClient.withMaxReceiveMessageSize(16 * 1024 * 1024))
    yield* equal("the reply's size", payload?.body.length, 10 * 1024 * 1024)
  })

/** What each name of the list does. */
export const checks: Readonly<Record<Case, Check>> = {
  ...CompressedChecks.checks,
  empty_unary: ({ client }) =>
    Effect.flatMap(client.emptyCall(Empty.make()), (reply) => equal("the reply", reply, Empty.make())),
  large_unary: largeUnary,
  client_streaming: ({ client }) =>
    Effect.flatMap(client.streamingInputCall(Stream.fromIterable(inputs)), ({ aggregatedPayloadSize }) =>
      equal("the sum", aggregatedPayloadSize, 74_922)
    ),
  server_streaming: ({ client }) =>
    Effect.gen(function* () {
      const responseParameters = sizes.replies.map((size) => ResponseParameters.make({ size }))
      const replies = client.streamingOutputCall(StreamingOutputCallRequest.make({ responseParameters }))
      const received = (yield* Stream.runCollect(replies)).map(({ payload }) => payload?.body.length)
      yield* equal("the sizes", received, sizes.replies)
    }),
  ping_pong: pingPong,
  empty_stream: ({ client }) =>
    Effect.flatMap(Stream.runCollect(client.fullDuplexCall(Stream.empty)), (all) =>
      equal("the replies", all.length, 0)
    ),
  cancel_after_begin: cancelAfterBegin,
  cancel_after_first_response: cancelAfterFirst,
  timeout_on_sleeping_server: timeoutOnSleeping,
  status_code_and_message: (probe) => statusOf(probe, "test status message"),
  special_status_message: (probe) =>
    statusOf(probe, "\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n"),
  custom_metadata: customMetadata,
  unimplemented_method: ({ client }) => isUnimplemented(client.unimplementedCall(Empty.make())),
  unimplemented_service: ({ unimplemented }) => isUnimplemented(unimplemented.unimplementedCall(Empty.make())),
  rpc_soak: (probe) =>
    Effect.forEach(Array.from({ length: probe.iterations }), () => largeUnary(probe), { discard: true }),
  channel_soak: (probe) =>
    Effect.forEach(
      Array.from({ length: probe.iterations / 2 }),
      () => Effect.scoped(Effect.flatMap(probe.another, (client) => largeUnary({ ...probe, client }))),
      { discard: true }
    ),
  concurrent_large_unary: (probe) =>
    Effect.forEach(Array.from({ length: concurrency }), () => largeUnary(probe), {
      discard: true,
      concurrency: "unbounded"
    }),
  very_large_request: veryLarge
}

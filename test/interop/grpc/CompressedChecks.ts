/** The cases with compressed messages, from the client's side. */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as GrpcClient from "../../../src/grpc/GrpcClient.ts"
import * as RequestCompression from "../../../src/grpc/RequestCompression.ts"
import type { Case, clientCompressed, serverCompressed, unprobed } from "./Cases.ts"
import {
  BoolValue,
  ResponseParameters,
  SimpleRequest,
  StreamingInputCallRequest,
  StreamingOutputCallRequest
} from "./gen/grpc/testing/messages.ts"
import { body, type Check, codeOf, equal, type Probe, sizes } from "./Probe.ts"

const invalidArgument = 3

const flag = (value: boolean) => BoolValue.make({ value })

/** What was compressed since the check began. */
const equalFlags = ({ flags }: Probe, direction: "sent" | "received", expected: ReadonlyArray<boolean>) =>
  flags === undefined ? Effect.void : equal(`what was ${direction} compressed`, flags[direction], expected)

const unary = ({ client }: Probe, isCompressed: boolean, expected: boolean) =>
  client
    .unaryCall(
      SimpleRequest.make({
        expectCompressed: flag(expected),
        responseSize: sizes.reply,
        payload: body(sizes.request)
      })
    )
    .pipe(GrpcClient.withCompression(isCompressed ? "gzip" : "identity"))

const clientUnary =
  (probes: boolean): Check =>
  (probe) =>
    Effect.gen(function* () {
      if (probes) {
        const error = yield* Effect.flip(unary(probe, false, true))
        yield* equal("the status", codeOf(error), invalidArgument)
      }
      for (const isCompressed of [true, false]) {
        const { payload } = yield* unary(probe, isCompressed, isCompressed)
        yield* equal("the reply's size", payload?.body.length, sizes.reply)
      }
      yield* equalFlags(probe, "sent", probes ? [false, true, false] : [true, false])
    })

interface Input {
  readonly isCompressed: boolean
  readonly expected: boolean
  readonly size: number
}

/** One call whose messages are compressed or not. */
const inputs = ({ client }: Probe, all: ReadonlyArray<Input>) =>
  client
    .streamingInputCall(
      Stream.mapEffect(Stream.fromIterable(all), ({ expected, isCompressed, size }) =>
        Effect.as(
          RequestCompression.set(isCompressed),
          StreamingInputCallRequest.make({ expectCompressed: flag(expected), payload: body(size) })
        )
      )
    )
    .pipe(GrpcClient.withCompression("gzip"))

const clientStreaming =
  (probes: boolean): Check =>
  (probe) =>
    Effect.gen(function* () {
      if (probes) {
        const error = yield* Effect.flip(inputs(probe, [{ isCompressed: false, expected: true, size: 27_182 }]))
        yield* equal("the status", codeOf(error), invalidArgument)
      }
      const { aggregatedPayloadSize } = yield* inputs(probe, [
        { isCompressed: true, expected: true, size: 27_182 },
        { isCompressed: false, expected: false, size: 45_904 }
      ])
      yield* equal("the sum", aggregatedPayloadSize, 73_086)
      yield* equalFlags(probe, "sent", probes ? [false, true, false] : [true, false])
    })

const serverUnary: Check = (probe) =>
  Effect.gen(function* () {
    for (const isCompressed of [true, false]) {
      const { payload } = yield* probe.client.unaryCall(
        SimpleRequest.make({
          responseCompressed: flag(isCompressed),
          responseSize: sizes.reply,
          payload: body(sizes.request)
        })
      )
      yield* equal("the reply's size", payload?.body.length, sizes.reply)
    }
    yield* equalFlags(probe, "received", [true, false])
  })

const serverStreaming: Check = (probe) =>
  Effect.gen(function* () {
    const responseParameters = [
      ResponseParameters.make({ compressed: flag(true), size: 31_415 }),
      ResponseParameters.make({ compressed: flag(false), size: 92_653 })
    ]
    const replies = probe.client.streamingOutputCall(StreamingOutputCallRequest.make({ responseParameters }))
    const received = (yield* Stream.runCollect(replies)).map(({ payload }) => payload?.body.length)
    yield* equal("the sizes", received, [31_415, 92_653])
    yield* equalFlags(probe, "received", [true, false])
  })

type Compressed = Extract<Case, (typeof clientCompressed | typeof unprobed | typeof serverCompressed)[number]>

export const checks: Readonly<Record<Compressed, Check>> = {
  client_compressed_unary: clientUnary(true),
  client_compressed_unary_noprobe: clientUnary(false),
  client_compressed_streaming: clientStreaming(true),
  client_compressed_streaming_noprobe: clientStreaming(false),
  server_compressed_unary: serverUnary,
  server_compressed_streaming: serverStreaming
}

/** Jobs by the line: one job of JSON in, one answer of JSON out, in order, until standard input ends. */
import * as Effect from "effect/Effect"
import type { PlatformError } from "effect/PlatformError"
import { Stdio } from "effect/Stdio"
import * as Stream from "effect/Stream"
import type * as Idl from "./Idl.ts"
import * as Job from "./Job.ts"
import * as JobError from "./JobError.ts"
import * as Transcode from "./Transcode.ts"

/** Answers one line. A line that is no job is answered, too: it never ends the run. */
export type Answer = (line: string) => string

/** `{"value"}`, with what a message's header says beside it, or `{"error":{"tag","message"}}`. */
export const decode =
  (idl: Idl.Idl): Answer =>
  (line) =>
    answer(() => Transcode.decode(idl, Job.parseDecode(line)))

/** `{"hex"}` or `{"error":{"tag","message"}}`. */
export const encode =
  (idl: Idl.Idl): Answer =>
  (line) =>
    answer(() => ({ hex: Buffer.from(Transcode.encode(idl, Job.parseEncode(line))).toString("hex") }))

const answer = (run: () => object): string => {
  try {
    return JSON.stringify(run())
  } catch (cause) {
    const { message, tag } = JobError.fromUnknown(cause)
    return JSON.stringify({ error: { tag, message } })
  }
}

/** From standard input to standard output. What came in one piece is answered in one piece, without waiting for more. */
export const run = (answer: Answer): Effect.Effect<void, PlatformError, Stdio> =>
  Effect.flatMap(Stdio, (stdio) =>
    stdio.stdin.pipe(
      Stream.decodeText(),
      Stream.splitLines,
      Stream.mapArray((lines) => [lines.map((line) => `${answer(line)}\n`).join("")] as const),
      Stream.run(stdio.stdout({ endOnDone: false }))
    )
  )

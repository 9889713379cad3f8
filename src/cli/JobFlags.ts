/** The command line of a single job: the flags that `decode` and `encode` share. */
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { Stdio } from "effect/Stdio"
import * as Stream from "effect/Stream"
import * as Compile from "./Compile.ts"
import * as Failure from "./Failure.ts"
import * as Job from "./Job.ts"
import * as JobError from "./JobError.ts"

/** The flags of both commands. Those of a single job are optional, because `--jsonl` needs none. */
export const flags = {
  idl: Flag.String("idl").pipe(Flag.withMetavar("FILE"), Flag.withDescription("The IDL file"), Flag.optional),
  type: Flag.String("type").pipe(
    Flag.withMetavar("NAME"),
    Flag.withDescription("A struct, union or exception of it, or a protobuf message by its full name"),
    Flag.optional
  ),
  protocol: Flag.Literals("protocol", Job.protocols).pipe(
    Flag.withDescription("How the bytes are written; protobuf and json go with .proto files"),
    Flag.optional
  ),
  framed: Flag.Boolean("framed").pipe(
    Flag.withDescription("Thrift: a frame's length stands in front"),
    Flag.withDefault(false)
  ),
  service: Flag.String("service").pipe(
    Flag.withMetavar("NAME"),
    Flag.withDescription("Thrift, instead of --type: a whole message of this service"),
    Flag.optional
  ),
  include: Compile.includeRoots,
  jsonl: Flag.Boolean("jsonl").pipe(
    Flag.withDescription("Jobs from standard input, one JSON object a line; answers in order, one a line"),
    Flag.withDefault(false)
  )
}

/** The flags that only an encoder of messages needs. */
export const headerFlags = {
  method: Flag.String("method").pipe(
    Flag.withMetavar("NAME"),
    Flag.withDescription("With --service: the message's method"),
    Flag.optional
  ),
  messageType: Flag.Literals("message-type", Job.messageTypes).pipe(
    Flag.withDescription("With --service: what the message is"),
    Flag.optional
  ),
  seqid: Flag.Int("seqid").pipe(Flag.withDescription("The message's sequence id"), Flag.withDefault(0)),
  multiplexed: Flag.String("multiplexed").pipe(
    Flag.withMetavar("NAME"),
    Flag.withDescription("The name in front of the method's on a shared connection"),
    Flag.optional
  )
}

/** What the command line said of the job. */
export interface Given {
  readonly idl: Option.Option<string>
  readonly type: Option.Option<string>
  readonly protocol: Option.Option<(typeof Job.protocols)[number]>
  readonly framed: boolean
  readonly service: Option.Option<string>
}

const noHeader: Job.Header = {
  service: undefined,
  method: undefined,
  messageType: undefined,
  seqid: 0,
  multiplexed: undefined
}

/** The job's form, or what is missing. */
export const toForm = (given: Given, header: Partial<Job.Header> = {}): Effect.Effect<Job.Form, Failure.Failure> => {
  const idl = Option.getOrUndefined(given.idl)
  const type = Option.getOrUndefined(given.type)
  const service = Option.getOrUndefined(given.service)
  const protocol = Option.getOrUndefined(given.protocol)
  if (idl === undefined || protocol === undefined || (type === undefined) === (service === undefined)) {
    const text = "give --idl, --protocol and either --type or --service; or --jsonl and jobs on standard input"
    return Effect.fail(new Failure.Failure({ text }))
  }
  const message = { ...noHeader, ...header, service }
  return Effect.succeed({ idl, type, protocol, framed: given.framed, message })
}

/** Carries out what may throw a job's errors. */
export const attempt = <A>(run: () => A): Effect.Effect<A, Failure.Failure> =>
  Effect.try({
    try: run,
    catch: (cause) => {
      const { message, tag } = JobError.fromUnknown(cause)
      return new Failure.Failure({ text: `${tag}: ${message}` })
    }
  })

/** All of standard input. */
export const input: Effect.Effect<Buffer, Failure.Failure, Stdio> = Effect.gen(function* () {
  const { stdin } = yield* Stdio
  return Buffer.concat(yield* Stream.runCollect(stdin))
}).pipe(Effect.mapError((error) => new Failure.Failure({ text: `standard input: ${error.message}` })))

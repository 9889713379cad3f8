import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Command from "effect/cli/Command"
import * as Check from "./Check.ts"
import * as Decode from "./Decode.ts"
import * as Encode from "./Encode.ts"
import * as Gen from "./Gen.ts"

const command = Command.make("volant").pipe(
  Command.withDescription("Compile IDL files to TypeScript, and look into what goes over the wire"),
  Command.withSubcommands([Gen.command, Check.command, Decode.command, Encode.command])
)

/** Runs the command `volant` with these arguments. A failure is on standard error when it fails. */
export const run = (args: ReadonlyArray<string>, version: string) =>
  Command.runWith(command, { version })(args).pipe(
    Effect.tapErrorTag("Failure", (failure) => Console.error(failure.text))
  )

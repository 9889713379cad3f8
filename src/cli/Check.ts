import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Command from "effect/cli/Command"
import * as Compile from "./Compile.ts"

/** `volant check IDL...`: says everything that is wrong with the files and generates nothing. */
export const command = Command.make(
  "check",
  { idls: Compile.idls, include: Compile.includeRoots },
  Effect.fnUntraced(function* ({ idls, include }) {
    const program = yield* Compile.run(idls, include)
    // What comes with the compiler is not the user's to count.
    const files = program.files.filter((file) => file.language === "thrift" || !file.builtIn)
    yield* Console.log(`${files.length} ${files.length === 1 ? "file" : "files"}, no error`)
  })
).pipe(
  Command.withDescription("Check IDL files and all that they include; prints every error, exit code 1 if there is one")
)

import * as Data from "effect/Data"
import * as Runtime from "effect/Runtime"
import * as Diagnostic from "../codegen/Diagnostic.ts"

/** Ends the command with exit code 1 and this text on standard error. */
export class Failure extends Data.TaggedError("Failure")<{ readonly text: string }> {
  /** `Volant.run` has printed the text; nobody else needs to. */
  override readonly [Runtime.errorReported] = false
}

const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`

/** Every error of a compilation, and how many they are. */
export const fromDiagnostics = (diagnostics: ReadonlyArray<Diagnostic.Diagnostic>): Failure => {
  const files = new Set(diagnostics.map((each) => each.position.file)).size
  const summary = `${plural(diagnostics.length, "error")} in ${plural(files, "file")}`
  return new Failure({ text: [...diagnostics.map(Diagnostic.render), summary].join("\n\n") })
}

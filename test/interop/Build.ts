/** Steps of building a peer. */
import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"
import { type Command, run } from "./Processes.ts"

/** Runs one step and gives its output; throws with it when the step fails. */
export const step = async (command: Command, timeoutMs = 300_000): Promise<string> => {
  const finished = await run(command, timeoutMs)
  if (finished.code === 0) return finished.output
  throw new Error(`${command.command} ${command.args.join(" ")} failed (${finished.code}):\n${finished.output}`)
}

/** A revision that changes with the files that a peer is built from. */
export const revision = (version: string, ...files: ReadonlyArray<string>): string => {
  const hash = createHash("sha256").update(version)
  for (const file of files) hash.update("\0").update(readFileSync(file))
  return hash.digest("hex")
}

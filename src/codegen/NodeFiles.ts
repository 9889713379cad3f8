/**
 * IDL files from the file system.
 */
import { readFileSync } from "node:fs"
import { resolve } from "node:path"
import type * as Loader from "./Loader.ts"

/** Reads UTF-8 text, relative paths from the working folder; what cannot be read counts as absent. */
export const files: Loader.Files = {
  read: (path) => {
    try {
      return readFileSync(path, "utf8")
    } catch {
      return undefined
    }
  },
  identity: (path) => resolve(path).replaceAll("\\", "/")
}

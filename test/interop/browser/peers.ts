/** A real browser. */
import { revision } from "../Build.ts"
import * as Peer from "../Peer.ts"

/** Debian has it packed; there is nothing to build. */
export const chromium: Peer.Peer = {
  name: "chromium",
  debian: ["chromium"],
  revision: revision("1"),
  prepare: () => {}
}

/** undefined where there is none. */
export const program: string | undefined = Peer.directory(chromium.name) === undefined ? undefined : "chromium"

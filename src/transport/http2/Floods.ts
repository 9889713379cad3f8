/** Frames that cost the sender nothing and the receiver something: each kind may come at a rate, and not above. */
import * as Http2Error from "./Http2Error.ts"
import { Http2Error as Failure } from "./Http2Error.ts"
import { Allowance, type Limits } from "./Limits.ts"

type Kind = "resets" | "pings" | "settings" | "emptyFrames"

export class Floods {
  private readonly allowances: { readonly [Name in Kind]: Allowance }

  constructor(limits: Limits, now: () => number) {
    this.allowances = {
      resets: new Allowance(limits.resets, now),
      pings: new Allowance(limits.pings, now),
      settings: new Allowance(limits.settings, now),
      emptyFrames: new Allowance(limits.emptyFrames, now)
    }
  }

  /** Counts one. Throws an `Http2Error` of ENHANCE_YOUR_CALM when it is one too many. */
  count(kind: Kind): void {
    if (this.allowances[kind].take()) return
    throw new Failure(Http2Error.enhanceYourCalm, `too many ${names[kind]} (limit ${kind})`)
  }

  /** DATA has come: peers that measure the path send a PING with it, which is no flood. */
  onData(): void {
    this.allowances.pings.giveBack()
  }
}

const names: { readonly [Name in Kind]: string } = {
  resets: "RST_STREAM, or mistakes that are answered with it",
  pings: "PING without DATA",
  settings: "SETTINGS",
  emptyFrames: "frames that do nothing"
}

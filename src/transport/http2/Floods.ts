/** Frames that cost the sender nothing and the receiver something: each kind may come at a rate, and not above. */
import * as Http2Error from "./Http2Error.ts"
import { Http2Error as Failure } from "./Http2Error.ts"
import { Allowance, type Limits } from "./Limits.ts"

type Kind = "resets" | "pings" | "settings" | "emptyFrames"

/** Of one connection. */
export class Floods {
  private readonly limits: Limits
  private readonly now: () => number
  private readonly allowances: { [Name in Kind]: Allowance | undefined } = {
    resets: undefined,
    pings: undefined,
    settings: undefined,
    emptyFrames: undefined
  }

  /** DATA frames that this side had sent when the last PING came. */
  private dataSent = 0

  constructor(limits: Limits, now: () => number) {
    this.limits = limits
    this.now = now
  }

  /** Counts one. Throws an `Http2Error` of ENHANCE_YOUR_CALM when it is one too many. */
  count(kind: Kind): void {
    const allowance = (this.allowances[kind] ??= new Allowance(this.limits[kind], this.now))
    if (allowance.take()) return
    const detail = kind === "pings" ? tooManyPings : `too many ${names[kind]} (limit ${kind})`
    throw new Failure(Http2Error.enhanceYourCalm, detail)
  }

  /** DATA has come: peers that send a PING with it do no harm. */
  onData(): void {
    this.allowances.pings?.giveBack()
  }

  /** A PING has come. One for each DATA that this side sends, of which it has sent `dataSent`, measures the path: no flood. */
  countPing(dataSent: number): void {
    const isMeasuring = dataSent !== this.dataSent
    this.dataSent = dataSent
    if (!isMeasuring) this.count("pings")
  }
}

/** What GOAWAY says of PINGs above their rate. Clients of gRPC know it by these letters (gRFC A8). */
export const tooManyPings = "too_many_pings"

const names: { readonly [Name in Exclude<Kind, "pings">]: string } = {
  resets: "RST_STREAM, or mistakes that are answered with it",
  settings: "SETTINGS",
  emptyFrames: "frames that do nothing"
}

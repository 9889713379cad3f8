/** The bounds of a connection: what each is called, what it is unless told otherwise, and what a peer beyond it gets. */
import * as Frame from "./Frame.ts"
import * as HpackDecoder from "./HpackDecoder.ts"
import * as HpackTable from "./HpackTable.ts"

/** So many at once, and from then on so many a second. */
export interface Rate {
  readonly burst: number
  readonly perSecond: number
}

/** All of them. Times are milliseconds, sizes octets. */
export interface Limits {
  /** Streams of the peer open at once; more are refused (REFUSED_STREAM). Default 1,000. */
  readonly maxConcurrentStreams: number
  /** Octets of a header list, as HPACK counts them. Default 16,384. A request beyond it is answered with status 431. */
  readonly maxHeaderListSize: number
  /** Octets of a frame's payload. Default 16,384, the least that is allowed. Beyond it: FRAME_SIZE_ERROR. */
  readonly maxFrameSize: number
  /** CONTINUATION frames of a header block. Default 32. Beyond it, or beyond twice the list's size: ENHANCE_YOUR_CALM. */
  readonly maxContinuations: number
  /** Octets of the decoder's dynamic table. Default 4,096. */
  readonly headerTableSize: number
  /** Octets of a stream's body that have arrived, or may arrive, and were not consumed. Default 256 KiB. */
  readonly streamWindow: number
  /** The same over all streams of the connection. Default 1 MiB. */
  readonly connectionWindow: number
  /** Windows grow up to this when the peer proves to be faster than they allow; 0 leaves them as they are. Default 0. */
  readonly maxTunedWindow: number
  /** Octets that the peer has not read yet, besides bodies, above which it is no longer listened to. Default 1 MiB. */
  readonly maxUnsent: number
  /**
   * Octets of responses that wait for the windows of a slow client, above which its new streams are refused
   * (REFUSED_STREAM). Default 64 MiB.
   */
  readonly maxWaiting: number
  /** RST_STREAM, from the peer or owed to its mistakes. Default 1,000, then 100 a second. Beyond: ENHANCE_YOUR_CALM. */
  readonly resets: Rate
  /** PING without DATA between, whoever sent it. Default 1,000, then 200 a second. Beyond it: ENHANCE_YOUR_CALM. */
  readonly pings: Rate
  /** SETTINGS. Default 100, then 10 a second. Beyond it: ENHANCE_YOUR_CALM. */
  readonly settings: Rate
  /**
   * Frames that do nothing: empty DATA, PRIORITY, unknown types, GOAWAY again and again. Default 1,000, then 100 a second.
   * Beyond it: ENHANCE_YOUR_CALM.
   */
  readonly emptyFrames: Rate
  /** Milliseconds from the connection to the peer's first SETTINGS. Default 10,000. */
  readonly handshakeTimeout: number
  /** Milliseconds until the peer acknowledges SETTINGS. Default 10,000. Beyond it: SETTINGS_TIMEOUT. */
  readonly settingsTimeout: number
  /** Milliseconds from the beginning of a header block, or of another frame but DATA, to its end. Default 10,000. */
  readonly frameTimeout: number
  /**
   * Milliseconds without a stream after which the connection is closed, whatever else the peer sends; it may take up to twice
   * as long. Default 600,000; Infinity is never.
   */
  readonly idleTimeout: number
  /** Milliseconds for which the peer may leave what was sent unread. Default 30,000. */
  readonly stallTimeout: number
  /** Milliseconds without a word from the peer after which it is sent a PING. Default Infinity: never. */
  readonly keepAliveInterval: number
  /** Milliseconds in which that PING has to be answered. Default 20,000. */
  readonly keepAliveTimeout: number
  /** A PING is sent without any stream open, too. Default false. */
  readonly keepAliveIdle: boolean
}

/** What is not said otherwise. */
export const defaults: Limits = {
  maxConcurrentStreams: 1000,
  maxHeaderListSize: HpackDecoder.defaultListSize,
  maxFrameSize: Frame.minMaxSize,
  maxContinuations: 32,
  headerTableSize: HpackTable.defaultSize,
  streamWindow: 256 * 1024,
  connectionWindow: 1024 * 1024,
  maxTunedWindow: 0,
  maxUnsent: 1024 * 1024,
  maxWaiting: 64 * 1024 * 1024,
  resets: { burst: 1000, perSecond: 100 },
  pings: { burst: 1000, perSecond: 200 },
  settings: { burst: 100, perSecond: 10 },
  emptyFrames: { burst: 1000, perSecond: 100 },
  handshakeTimeout: 10_000,
  settingsTimeout: 10_000,
  frameTimeout: 10_000,
  idleTimeout: 600_000,
  stallTimeout: 30_000,
  keepAliveInterval: Infinity,
  keepAliveTimeout: 20_000,
  keepAliveIdle: false
}

/** The limits that differ from the defaults. */
export type Options = { readonly [Name in keyof Limits]?: Limits[Name] | undefined }

/** The defaults, but for these. */
export const make = (options: Options = {}): Limits => {
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
  return { ...defaults, ...given }
}

/** Counts against a rate. The clock is looked at only when the burst is used up. */
export class Allowance {
  private used = 0
  private since: number
  private readonly rate: Rate
  private readonly now: () => number

  constructor(rate: Rate, now: () => number) {
    this.rate = rate
    this.now = now
    this.since = now()
  }

  /** false when there is no more. */
  take(): boolean {
    this.used++
    if (this.used <= this.rate.burst) return true
    const now = this.now()
    this.used = Math.max(1, this.used - Math.floor(((now - this.since) * this.rate.perSecond) / 1000))
    this.since = now
    return this.used <= this.rate.burst
  }

  /** The last one does not count. */
  giveBack(): void {
    if (this.used > 0) this.used--
  }
}

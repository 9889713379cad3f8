/** One connection of a link's pool. */
import type { Exchange } from "../transport/Exchange.ts"
import { tooManyPings } from "../transport/http2/Floods.ts"
import type { GoAway } from "../transport/http2/GoAway.ts"
import type { Ended } from "../transport/http2/Http2Connection.ts"
import * as Http2Error from "../transport/http2/Http2Error.ts"
import type { HttpListener, HttpSession } from "../transport/HttpSession.ts"
import type { Failure, Member, Opening } from "../transport/Pool.ts"
import { type Carrier, ClientCall } from "./ClientCall.ts"

/** What a pool hears of its connections. */
export interface Events {
  readonly onRoom: (connection: ClientConnection) => void
  readonly onSilent: (connection: ClientConnection) => void
  readonly onLost: (connection: ClientConnection, failure: Failure | undefined) => void
}

/** What the server says about how it is to be used. */
export interface Wishes {
  /** It takes so many streams at a time. */
  readonly onStreams: (max: number) => void
  /** It ends the connection, since keepalive looks after it too often. */
  readonly onTooManyPings: () => void
}

/** Open for the pool when its session is ready: for HTTP/2 when the peer has said by its SETTINGS how many streams it takes. */
export class ClientConnection implements Member, HttpListener, Carrier {
  private readonly session: HttpSession
  private readonly events: Events
  private readonly wishes: Wishes
  private opening: Opening | undefined
  isProven = false
  private count = 0
  private isClosed = false

  /** `speak` begins the session. */
  constructor(speak: (listener: HttpListener) => HttpSession, events: Events, opening: Opening, wishes: Wishes) {
    this.events = events
    this.wishes = wishes
    this.opening = opening
    this.session = speak(this)
  }

  hasRoom(): boolean {
    return !this.isClosed && this.session.phase === "open" && !this.session.isFull
  }

  inFlight(): number {
    return this.session.streamCount
  }

  taken(): number {
    return this.count
  }

  send(exchange: Exchange): void {
    this.count++
    if (!(exchange instanceof ClientCall)) throw new TypeError("a pool of gRPC connections takes calls of gRPC alone")
    // There was room, so only an end of the session can have come between.
    if (!exchange.start(this.session, this)) exchange.refuse("the connection has just been closed")
  }

  /** Ends it at once. An idle one says goodbye first. */
  close(detail: string): void {
    if (this.isClosed) return
    this.isClosed = true
    if (this.session.streamCount === 0) this.session.close()
    else this.session.fail(Http2Error.noError, detail)
  }

  /** Gives up what is not open yet. */
  giveUp(): void {
    this.opening = undefined
    this.isClosed = true
    this.session.destroy()
  }

  onReady(): void {
    const { opening } = this
    this.opening = undefined
    if (opening === undefined) return
    this.wishes.onStreams(Math.max(1, this.session.peer.maxConcurrentStreams))
    opening.onOpen(this)
  }

  onRoom(): void {
    if (!this.isClosed) this.events.onRoom(this)
  }

  onGoAway(goAway?: GoAway): void {
    if (goAway?.code === Http2Error.enhanceYourCalm && goAway.detail === tooManyPings) this.wishes.onTooManyPings()
    if (!this.isClosed && this.opening === undefined) this.events.onSilent(this)
  }

  onClose(ended: Ended): void {
    const { opening } = this
    this.opening = undefined
    const failure = { detail: `cannot connect: ${describeEnd(ended)}`, cause: undefined }
    if (opening !== undefined) return opening.onFailure(failure)
    if (this.isClosed) return
    this.isClosed = true
    // After one that has served calls the pool may connect again at once.
    this.events.onLost(this, this.isProven ? undefined : failure)
  }
}

const describeEnd = ({ code, detail }: Ended): string =>
  code === Http2Error.noError ? detail : `${detail} (${Http2Error.nameOf(code)}); does the peer speak HTTP/2?`

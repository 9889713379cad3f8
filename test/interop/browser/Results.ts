/** What the page is told, and what it has to tell. */

/** A server that the page calls. */
export interface Target {
  readonly name: string
  /** Of another origin than the page. */
  readonly url: string
  /** Its connections take many calls at a time, so that calls may wait for one another. */
  readonly isHttp2: boolean
}

export interface Task {
  readonly targets: ReadonlyArray<Target>
  /** A server that does not want pages of this origin. */
  readonly closed: string
  /** `google.protobuf.FileDescriptorProto` of the greeter, in base64. */
  readonly file: string
}

/** How a call ended: with messages, and OK where there is no code. */
export interface Outcome {
  readonly texts: ReadonlyArray<string>
  readonly code: number | undefined
  readonly message: string | undefined
  /** From the head of the response, and from its trailers. */
  readonly zone: string | undefined
  readonly cost: string | undefined
}

/** Of one client and one target. */
export interface Run {
  readonly client: string
  readonly target: string
  readonly unary: Outcome
  readonly stream: Outcome
  readonly refusedUnary: Outcome
  readonly refusedStream: Outcome
  readonly closed: Outcome
  /** Calls at a time that wait for one another. */
  readonly together: ReadonlyArray<string>
}

export interface Report {
  readonly runs: ReadonlyArray<Run>
  /** What broke the page. */
  readonly error: string | undefined
}

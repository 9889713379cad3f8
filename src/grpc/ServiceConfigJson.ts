/** Reads values out of parsed JSON whose shape is not known, and says where one is not what it should be. */
import * as Data from "effect/Data"

/** A service config that cannot be used: where, and why. */
export class InvalidServiceConfig extends Data.TaggedError("InvalidServiceConfig")<{
  /** For example `methodConfig[0].retryPolicy.maxAttempts`; empty for the whole. */
  readonly path: string
  readonly detail: string
}> {
  override get message(): string {
    return `the service config is of no use${this.path === "" ? "" : ` at ${this.path}`}: ${this.detail}`
  }
}

/** One value of the JSON and its place. Every reader throws `InvalidServiceConfig`. */
export class Place {
  readonly path: string
  readonly value: unknown

  constructor(path: string, value: unknown) {
    this.path = path
    this.value = value
  }

  /** undefined and null are absent, as in the JSON form of protobuf. */
  get isAbsent(): boolean {
    return this.value === undefined || this.value === null
  }

  /** A member of an object; the object itself must be one. */
  member(name: string): Place {
    return new Place(this.path === "" ? name : `${this.path}.${name}`, this.object()[name])
  }

  object(): Readonly<Record<string, unknown>> {
    if (typeof this.value === "object" && this.value !== null && !Array.isArray(this.value)) {
      return this.value as Readonly<Record<string, unknown>>
    }
    return this.refuse("an object")
  }

  /** An absent list is an empty one. */
  list(): ReadonlyArray<Place> {
    if (this.isAbsent) return []
    const { value } = this
    if (Array.isArray(value)) return value.map((item, i) => new Place(`${this.path}[${i}]`, item))
    return this.refuse("a list")
  }

  text(): string {
    return typeof this.value === "string" ? this.value : this.refuse("a string")
  }

  flag(): boolean {
    return typeof this.value === "boolean" ? this.value : this.refuse("true or false")
  }

  /** Numbers may be strings, as protobuf writes 64-bit ones. */
  number(wanted: string, isGood: (value: number) => boolean): number {
    const { value } = this
    const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value
    return typeof number === "number" && isGood(number) ? number : this.refuse(wanted)
  }

  /** Milliseconds. The form is protobuf's: seconds, up to nine decimals, and an `s`. */
  duration(wanted: "a duration" | "a positive duration"): number {
    const match = typeof this.value === "string" ? /^(\d{1,12}(?:\.\d{1,9})?)s$/.exec(this.value) : null
    const millis = match === null ? -1 : Number(match[1]) * 1000
    if (millis < 0 || (millis === 0 && wanted === "a positive duration")) {
      return this.refuse(`${wanted} such as "1.5s"`)
    }
    return millis
  }

  /** What `read` makes of it; undefined where it is absent. */
  optional<A>(read: (place: Place) => A): A | undefined {
    return this.isAbsent ? undefined : read(this)
  }

  refuse(wanted: string): never {
    return this.fail(`expected ${wanted}, got ${show(this.value)}`)
  }

  fail(detail: string): never {
    throw new InvalidServiceConfig({ path: this.path, detail })
  }
}

const show = (value: unknown): string => {
  const text = value === undefined ? "nothing" : JSON.stringify(value)
  return text.length > 80 ? `${text.slice(0, 80)}...` : text
}

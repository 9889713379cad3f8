/** google.protobuf.Timestamp and Duration: whole seconds and nanoseconds, so that nothing is lost. */
import { CodecError } from "../Codec.ts"
import type { Reader } from "../wire/Reader.ts"
import type { Writer } from "../wire/Writer.ts"
import * as Message from "./ProtobufMessage.ts"
import * as Read from "./ProtobufRead.ts"
import * as ScalarWrite from "./ProtobufScalarWrite.ts"
import * as Type from "./ProtobufType.ts"

/** Both have the same fields. */
interface Time {
  readonly seconds: bigint
  readonly nanos: number
}

const encodeTime = (writer: Writer, value: Time): void => {
  if (value.seconds !== 0n) ScalarWrite.writeInt64Field(writer, 8, value.seconds)
  if (value.nanos !== 0) ScalarWrite.writeInt32Field(writer, 16, value.nanos)
}

const decodeTime = (reader: Reader, before?: Time): Time => {
  let seconds = before?.seconds ?? 0n
  let nanos = before?.nanos ?? 0
  while (reader.position < reader.end) {
    const tag = Read.readTag(reader)
    if (tag === 8) seconds = Read.readInt64(reader)
    else if (tag === 16) nanos = Read.readInt32(reader)
    else Read.pass(reader, tag)
  }
  return { seconds, nanos }
}

const fields = (): Type.Fields => [
  Type.implicit(1, "seconds", "seconds", Type.int64),
  Type.implicit(2, "nanos", "nanos", Type.int32)
]

const makeTime = (time: { readonly seconds?: bigint | undefined; readonly nanos?: number | undefined } = {}): Time => ({
  seconds: time.seconds ?? 0n,
  nanos: time.nanos ?? 0
})

const invalid = (what: string): CodecError => new CodecError("InvalidValue", what)

/** Nanoseconds behind the point, in 0, 3, 6 or 9 digits. */
const fraction = (nanos: number): string => {
  if (nanos === 0) return ""
  const digits = String(nanos).padStart(9, "0")
  return `.${digits.endsWith("000000") ? digits.slice(0, 3) : digits.endsWith("000") ? digits.slice(0, 6) : digits}`
}

const nanosOf = (digits: string | undefined): number => (digits === undefined ? 0 : Number(digits.padEnd(9, "0")))

/** A point in time: seconds since 1970 in UTC, and nanoseconds from 0 to 999,999,999 that count forward. */
export interface Timestamp extends Time {}

// 0001-01-01T00:00:00Z and 9999-12-31T23:59:59Z
const [firstSecond, lastSecond] = [-62135596800n, 253402300799n]

const checkTimestamp = ({ nanos, seconds }: Timestamp): void => {
  if (seconds < firstSecond || seconds > lastSecond)
    throw invalid(`a Timestamp of ${seconds} s is not in the years 1 to 9999`)
  if (nanos < 0 || nanos > 999_999_999) throw invalid(`a Timestamp's nanos of ${nanos} are not from 0 to 999999999`)
}

const timestampToJson = (value: Timestamp): string => {
  checkTimestamp(value)
  const text = new Date(Number(value.seconds) * 1000).toISOString()
  return `${text.slice(0, 19)}${fraction(value.nanos)}Z`
}

const rfc3339 = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/

const timestampFromJson = (json: unknown): Timestamp => {
  const match = typeof json === "string" ? rfc3339.exec(json) : null
  if (match === null) throw invalid(`${JSON.stringify(json)} is not a point in time like 2006-01-02T15:04:05.999Z`)
  const parsed = Date.parse(`${match[0].slice(0, 19)}Z`)
  const sameDay = Number.isFinite(parsed) && new Date(parsed).toISOString().slice(0, 19) === match[0].slice(0, 19)
  if (!sameDay) throw invalid(`${match[0]} is not a date and time of the calendar`)
  const zone = match[8]!
  const [hours, minutes] = zone === "Z" ? [0, 0] : [Number(zone.slice(1, 3)), Number(zone.slice(4, 6))]
  if (hours > 23 || minutes > 59) throw invalid(`${match[0]} has no time zone of the day`)
  const offset = (hours * 60 + minutes) * (zone.startsWith("-") ? -60 : 60)
  const value = { seconds: BigInt(parsed / 1000 - offset), nanos: nanosOf(match[7]) }
  checkTimestamp(value)
  return value
}

/** Of `google.protobuf.Timestamp`. */
export const Timestamp = {
  ...Message.wellKnown<Timestamp>({
    name: "google.protobuf.Timestamp",
    fields,
    encode: encodeTime,
    decode: decodeTime,
    json: { toJson: timestampToJson, fromJson: timestampFromJson }
  }),
  make: makeTime as (time?: Message.Init<Timestamp>) => Timestamp,
  /** From milliseconds since 1970, as `Date.getTime` and Effect's Clock have them. */
  fromMillis: (millis: number): Timestamp => {
    const seconds = Math.floor(millis / 1000)
    return { seconds: BigInt(seconds), nanos: Math.round((millis - seconds * 1000) * 1_000_000) }
  },
  /** Milliseconds since 1970, with a fraction where it has one. */
  toMillis: (value: Timestamp): number => Number(value.seconds) * 1000 + value.nanos / 1_000_000,
  fromDate: (date: Date): Timestamp => Timestamp.fromMillis(date.getTime()),
  /** Loses what is below a millisecond. */
  toDate: (value: Timestamp): Date => new Date(Math.floor(Timestamp.toMillis(value)))
}

/** A span of time: seconds and nanoseconds, which have the same sign or are 0. */
export interface Duration extends Time {}

const longestSeconds = 315_576_000_000n

const checkDuration = ({ nanos, seconds }: Duration): void => {
  if (seconds > longestSeconds || seconds < -longestSeconds)
    throw invalid(`a Duration of ${seconds} s is over 10,000 years`)
  if (nanos < -999_999_999 || nanos > 999_999_999) throw invalid(`a Duration's nanos of ${nanos} are a second or more`)
  if ((seconds > 0n && nanos < 0) || (seconds < 0n && nanos > 0))
    throw invalid("a Duration's seconds and nanos differ in sign")
}

const durationToJson = (value: Duration): string => {
  checkDuration(value)
  const { nanos, seconds } = value
  const sign = seconds < 0n || nanos < 0 ? "-" : ""
  return `${sign}${seconds < 0n ? -seconds : seconds}${fraction(Math.abs(nanos))}s`
}

const durationFromJson = (json: unknown): Duration => {
  const match = typeof json === "string" ? /^(-?)(\d{1,12})(?:\.(\d{1,9}))?s$/.exec(json) : null
  if (match === null) throw invalid(`${JSON.stringify(json)} is not a span of time like 1.5s`)
  const isNegative = match[1] === "-"
  const [seconds, nanos] = [BigInt(match[2]!), nanosOf(match[3])]
  const value = isNegative ? { seconds: -seconds, nanos: nanos === 0 ? 0 : -nanos } : { seconds, nanos }
  checkDuration(value)
  return value
}

/** Of `google.protobuf.Duration`. */
export const Duration = {
  ...Message.wellKnown<Duration>({
    name: "google.protobuf.Duration",
    fields,
    encode: encodeTime,
    decode: decodeTime,
    json: { toJson: durationToJson, fromJson: durationFromJson }
  }),
  make: makeTime as (time?: Message.Init<Duration>) => Duration,
  fromMillis: (millis: number): Duration => {
    const seconds = Math.trunc(millis / 1000)
    return { seconds: BigInt(seconds), nanos: Math.round((millis - seconds * 1000) * 1_000_000) }
  },
  toMillis: (value: Duration): number => Number(value.seconds) * 1000 + value.nanos / 1_000_000,
  /** Exact. */
  fromNanos: (nanos: bigint): Duration => ({ seconds: nanos / 1_000_000_000n, nanos: Number(nanos % 1_000_000_000n) }),
  /** Exact. */
  toNanos: (value: Duration): bigint => value.seconds * 1_000_000_000n + BigInt(value.nanos)
}

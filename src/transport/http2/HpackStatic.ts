/** The static table of HPACK (RFC 7541 appendix A). */
import { Field } from "./HpackField.ts"

// oxfmt-ignore
const entries: ReadonlyArray<readonly [name: string, value?: string]> = [
  [":authority"], [":method", "GET"], [":method", "POST"], [":path", "/"], [":path", "/index.html"],
  [":scheme", "http"], [":scheme", "https"],
  [":status", "200"], [":status", "204"], [":status", "206"], [":status", "304"], [":status", "400"], [":status", "404"],
  [":status", "500"],
  ["accept-charset"], ["accept-encoding", "gzip, deflate"], ["accept-language"], ["accept-ranges"], ["accept"],
  ["access-control-allow-origin"], ["age"], ["allow"], ["authorization"], ["cache-control"], ["content-disposition"],
  ["content-encoding"], ["content-language"], ["content-length"], ["content-location"], ["content-range"], ["content-type"],
  ["cookie"], ["date"], ["etag"], ["expect"], ["expires"], ["from"], ["host"], ["if-match"], ["if-modified-since"],
  ["if-none-match"], ["if-range"], ["if-unmodified-since"], ["last-modified"], ["link"], ["location"], ["max-forwards"],
  ["proxy-authenticate"], ["proxy-authorization"], ["range"], ["referer"], ["refresh"], ["retry-after"], ["server"],
  ["set-cookie"], ["strict-transport-security"], ["transfer-encoding"], ["user-agent"], ["vary"], ["via"],
  ["www-authenticate"]
]

/** By index minus one. */
export const fields: ReadonlyArray<Field> = entries.map(([name, value = ""]) => new Field(name, value))

/** Indices up to this one are the static table's; the next is the newest entry of the dynamic one. */
export const size = fields.length

const byName = new Map<string, number>()
for (let index = size; index >= 1; index--) byName.set(fields[index - 1]!.name, index)

/** The first index of a name; 0 where it has none. */
export const indexOfName = (name: string): number => byName.get(name) ?? 0

/** The index of a name with this value; 0 where it has none. */
export const indexOf = (name: string, value: string): number => {
  const first = byName.get(name)
  if (first === undefined) return 0
  for (let index = first; index <= size && fields[index - 1]!.name === name; index++) {
    if (fields[index - 1]!.value === value) return index
  }
  return 0
}

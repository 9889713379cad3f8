/** `grpc-timeout` (grpc/doc/PROTOCOL-HTTP2.md, "Timeout"): at most eight digits and a unit. */

/** Milliseconds in each unit. */
const units: Readonly<Record<string, number>> = { H: 3_600_000, M: 60_000, S: 1000, m: 1, u: 1e-3, n: 1e-6 }

const largest = 99_999_999

/**
 * `millis` in the finest unit that has room for it, rounded up: what goes out is never shorter than what was asked for.
 * Time that is over becomes the shortest timeout there is; Infinity none.
 */
export const encode = (millis: number): string | undefined => {
  if (millis === Infinity) return undefined
  if (!(millis > 0)) return "1n"
  if (Number.isInteger(millis) && millis <= largest) return `${millis}m`
  if (millis < 100) return `${Math.ceil(Math.round(millis * 1e9) / 1e6)}u`
  for (const unit of ["m", "S", "M", "H"]) {
    const count = Math.ceil(millis / units[unit]!)
    if (count <= largest) return `${count}${unit}`
  }
  return `${largest}H`
}

/** Milliseconds, not always whole ones; undefined when it is no timeout. */
export const decode = (text: string): number | undefined => {
  const size = text.length - 1
  if (size < 1 || size > 8) return undefined
  const unit = units[text[size]!]
  if (unit === undefined) return undefined
  let count = 0
  for (let i = 0; i < size; i++) {
    const digit = text.charCodeAt(i) - 0x30
    if (digit < 0 || digit > 9) return undefined
    count = count * 10 + digit
  }
  return count * unit
}

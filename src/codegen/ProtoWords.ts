/** How names and counts read in the findings of the proto front end. */

/** A name, cut where it is so long that it would hide the sentence. */
export const describe = (name: string): string => (name.length > 80 ? `${name.slice(0, 80)}...` : name)

/** `1 to 5`, `max` for the largest number that there is. */
export const range = ({ end, start }: { readonly start: number; readonly end: number }): string => {
  if (start === end) return `${start}`
  return `${start} to ${end >= 536870911 ? "max" : end}`
}

/** How names of an IDL are spelled in TypeScript. Deterministic: the same IDL gives the same names. */

const keywords = new Set(
  `await break case catch class const continue debugger default delete do else enum export extends false finally for
  function if implements import in instanceof interface let new null package private protected public return static
  super switch this throw true try typeof var void while with yield arguments eval async of
  any unknown never bigint number boolean string symbol object undefined NaN Infinity globalThis type
  declare namespace module abstract as satisfies`.split(/\s+/)
)

/** Whether a name may not stand for a variable, function or type. */
export const isKeyword = (name: string): boolean => keywords.has(name)

/** Hands out names that differ from all others of the scope and of those around it. */
export class Scope {
  readonly taken = new Set<string>()
  readonly parent: Scope | undefined

  constructor(parent?: Scope) {
    this.parent = parent
  }

  has(name: string): boolean {
    return this.taken.has(name) || (this.parent?.has(name) ?? false)
  }

  /** `wanted`, with as many underscores behind it as it takes. */
  add(wanted: string): string {
    let name = wanted
    while (isKeyword(name) || this.has(name)) name += "_"
    this.taken.add(name)
    return name
  }
}

const capitalise = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1)

/** `URLPath` to `urlPath`, `ID` to `id`, `Name` to `name`, `userID` as it is. */
const lowerHead = (word: string): string => {
  const capitals = /^[A-Z][A-Z0-9]*/.exec(word)?.[0] ?? ""
  if (capitals.length === word.length || (capitals.length > 1 && word === `${capitals}s`)) return word.toLowerCase()
  if (capitals.length < 2) return word.charAt(0).toLowerCase() + word.slice(1)
  return capitals.slice(0, -1).toLowerCase() + word.slice(capitals.length - 1)
}

/** `created_at`, `CreatedAt` and `CREATED_AT` to `createdAt`. Underscores at the ends stay. */
export const toLowerCamel = (name: string): string => {
  const [, before = "", middle = "", after = ""] = /^(_*)(.*?)(_*)$/.exec(name) ?? []
  const words = middle.split(/_+/)
  const isScreaming = words.length > 1 && middle === middle.toUpperCase()
  const [head = "", ...tail] = isScreaming ? words.map((word) => word.toLowerCase()) : words
  return before + lowerHead(head) + tail.map(capitalise).join("") + after
}

/** `get_item` to `GetItem`. */
export const toUpperCamel = (name: string): string => capitalise(toLowerCamel(name))

/** `camel` is lowerCamelCase, `idl` as in the IDL. */
export type NameStyle = "camel" | "idl"

/** The spelling of a message's fields or a service's methods. Names that are spelled right already are served first. */
export const toKeys = (
  names: ReadonlyArray<string>,
  style: NameStyle,
  reserved: ReadonlySet<string>
): ReadonlyArray<string> => {
  const wanted = names.map((name) => (style === "idl" ? name : toLowerCamel(name)))
  const taken = new Set(reserved)
  const keys = new Map<number, string>()
  const claim = (index: number): void => {
    const [name, key] = [names[index]!, wanted[index]!]
    let free = taken.has(key) ? name : key
    while (taken.has(free)) free += "_"
    taken.add(free)
    keys.set(index, free)
  }
  names.forEach((name, index) => name === wanted[index] && claim(index))
  names.forEach((name, index) => name !== wanted[index] && claim(index))
  return names.map((_, index) => keys.get(index)!)
}

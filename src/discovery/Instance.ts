/** One place where a service can be called: an address with weight and tags. */

/** `host:port`, `[v6]:port`, or the path of a Unix socket (anything with a `/`, or `unix:path`). */
export type Address =
  | { readonly _tag: "Tcp"; readonly host: string; readonly port: number }
  | { readonly _tag: "Unix"; readonly path: string }

/** What a resolver gives of one place, and a registry announces. */
export interface Instance {
  readonly address: Address
  /** The canonical text of the address; instances with the same one are the same instance. */
  readonly key: string
  /** Relative share of calls; 0 takes none. Default 10, as in Kitex. */
  readonly weight: number
  readonly tags: ReadonlyMap<string, string>
}

/** The weight of an instance that says nothing of it: 10, as in Kitex. */
export const defaultWeight = 10

const noTags: ReadonlyMap<string, string> = new Map()

/** The canonical text of an address, which `parseAddress` reads back. */
export const formatAddress = (address: Address): string =>
  address._tag === "Unix"
    ? `unix:${address.path}`
    : address.host.includes(":")
      ? `[${address.host}]:${address.port}`
      : `${address.host}:${address.port}`

/** undefined when the text is no address. */
export const parseAddress = (text: string): Address | undefined => {
  if (text.startsWith("unix:")) return text.length > 5 ? { _tag: "Unix", path: text.slice(5) } : undefined
  if (text.includes("/")) return { _tag: "Unix", path: text }
  const match = /^(?:\[([0-9a-fA-F:.]+(?:%[\w.-]+)?)\]|([^:[\]]+)):(\d{1,5})$/.exec(text)
  if (match === null) return undefined
  const port = Number(match[3])
  return port > 65535 ? undefined : { _tag: "Tcp", host: (match[1] ?? match[2])!, port }
}

/** An instance of the default weight and without tags, where nothing else is said. */
export const make = (
  address: Address,
  options?: {
    readonly weight?: number | undefined
    readonly tags?: ReadonlyMap<string, string> | undefined
  }
): Instance => ({
  address,
  key: formatAddress(address),
  weight: options?.weight ?? defaultWeight,
  tags: options?.tags ?? noTags
})

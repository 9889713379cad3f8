/** Random values of generated types, by their descriptors. */
import type * as Type from "../../src/codegen/v1/Type.ts"
import type { Random } from "../fuzz/Random.ts"

const texts = [
  "",
  "a",
  "plain ascii",
  "sixteen letters.",
  "a text of twenty-four ch",
  "hélló wörld",
  "世界",
  "😀",
  "x".repeat(200)
]

const doubles = [0, -0, 1.5, -1e300, Infinity, -Infinity, NaN, Number.MIN_VALUE]

const int = (random: Random, bits: number): number => {
  const limit = 2 ** (bits - 1)
  return random.pick([0, 1, -1, limit - 1, -limit, Math.floor((random.next() / 2 ** 32) * 2 * limit - limit)])
}

const big = (random: Random): bigint =>
  random.pick([
    0n,
    -1n,
    2n ** 63n - 1n,
    -(2n ** 63n),
    BigInt.asIntN(64, (BigInt(random.next()) << 32n) | BigInt(random.next()))
  ])

const uuid = (random: Random): string => {
  const hex = Array.from({ length: 4 }, () => random.next().toString(16).padStart(8, "0")).join("")
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5")
}

const several = <A>(random: Random, make: () => A): Array<A> =>
  Array.from({ length: random.pick([0, 1, 2, 3, 20]) }, make)

const ofMessage = (random: Random, message: Type.AnyMessage, depth: number): unknown => {
  const fields = message.fields()
  if (message.kind === "union") {
    // Without depth left a field that ends.
    const choices = depth > 0 ? fields : fields.slice(0, 1)
    const field = random.pick(choices)
    return { _tag: field.key, value: random_(random, field.type, depth - 1) }
  }
  const values = fields.map((field) => {
    const isLeft = depth > 0 || isLeaf(field.type)
    const isThere = field.isRequired || (isLeft && random.below(4) > 0)
    return [field.key, isThere ? random_(random, field.type, depth - 1) : undefined]
  })
  const value = Object.fromEntries(values)
  return message.construct === undefined ? value : new message.construct(value)
}

const isLeaf = (type: Type.Type): boolean => !["message", "list", "set", "map"].includes(type.kind)

const random_ = (random: Random, type: Type.Type, depth: number): unknown => {
  const inner = (of: Type.Type) =>
    depth > 0 || isLeaf(of) ? several(random, () => random_(random, of, depth - 1)) : []
  switch (type.kind) {
    case "bool":
      return random.below(2) === 1
    case "i8":
      return int(random, 8)
    case "i16":
      return int(random, 16)
    case "i32":
    case "enum":
      return int(random, 32)
    case "i64":
      return big(random)
    case "i64Number":
      return random.pick([0, -1, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, int(random, 32), 2 ** 40 + 1])
    case "double":
      return random.below(3) === 0 ? random.next() / 7 : random.pick(doubles)
    case "string":
      return random.pick(texts)
    case "binary":
      return Uint8Array.from({ length: random.pick([0, 1, 32, 100]) }, () => random.below(256))
    case "uuid":
      return uuid(random)
    case "list":
      return inner(type.element)
    case "set":
      return type.isArray ? inner(type.element) : new Set(inner(type.element))
    case "map":
      return new Map(inner(type.key).map((key) => [key, random_(random, type.value, depth - 1)]))
    case "message":
      return ofMessage(random, type.message, depth)
  }
}

/** A value of a message, nested `depth` levels at most unless what is required nests deeper. */
export const value = (random: Random, message: Type.AnyMessage, depth = 4): unknown => ofMessage(random, message, depth)

/** All messages of a generated module. */
export const messagesOf = (module: Record<string, unknown>): ReadonlyArray<Type.AnyMessage> =>
  Object.values(module).flatMap((exported) => {
    const found = typeof exported === "function" ? Reflect.get(exported, "idl") : exported
    return typeof found === "object" && found !== null && "idlName" in found ? [found as Type.AnyMessage] : []
  })

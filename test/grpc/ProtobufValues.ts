/** Random values of messages of protobuf, by their descriptions. */
import type * as Type from "../../src/grpc/ProtobufType.ts"
import type { Random } from "../fuzz/Random.ts"

const texts = [
  "",
  "a",
  "plain ascii",
  "sixteen letters.",
  "hélló wörld",
  "世界",
  "😀",
  "x".repeat(130),
  "ü".repeat(100)
]
const reals = [0, -0, 1.5, -1e30, Infinity, -Infinity, NaN, 2 ** -1074]

const wide = (random: Random): bigint => (BigInt(random.next()) << 32n) | BigInt(random.next())

const whole = (random: Random, kind: Type.ScalarKind): number | bigint => {
  const isSigned = !kind.startsWith("u") && !kind.startsWith("f")
  if (!kind.includes("64")) {
    const value = random.pick([0, 1, 127, 128, 2 ** 31 - 1, random.next()])
    return isSigned ? random.pick([1, -1]) * (value % 2 ** 31) || 0 : value
  }
  const value = random.pick([0n, 1n, 127n, 128n, 2n ** 63n - 1n, -(2n ** 63n), -1n, wide(random)])
  return isSigned ? BigInt.asIntN(64, value) : BigInt.asUintN(64, value)
}

const scalar = (random: Random, kind: Type.ScalarKind): unknown => {
  switch (kind) {
    case "bool":
      return random.below(2) === 1
    case "string":
    case "anyString":
      return random.pick(texts)
    case "binary":
      return Uint8Array.from({ length: random.pick([0, 1, 5, 200]) }, () => random.below(256))
    case "double":
      return random.pick(reals)
    case "float":
      return Math.fround(random.pick(reals))
    default:
      return whole(random, kind)
  }
}

const json = (random: Random, depth: number): unknown => {
  const leaf = random.pick<unknown>([null, true, 1.5, "text", -0.25])
  if (depth <= 0) return leaf
  return random.pick<() => unknown>([
    () => leaf,
    () => [json(random, depth - 1), json(random, depth - 1)],
    () => ({ a: json(random, depth - 1), "b c": json(random, depth - 1) })
  ])()
}

const wrappers: Record<string, Type.ScalarKind> = {
  DoubleValue: "double",
  FloatValue: "float",
  Int64Value: "int64",
  UInt64Value: "uint64",
  Int32Value: "int32",
  UInt32Value: "uint32",
  BoolValue: "bool",
  StringValue: "string",
  BytesValue: "binary"
}

const wellKnown = (random: Random, name: string, depth: number): unknown => {
  if (wrappers[name] !== undefined) return scalar(random, wrappers[name])
  switch (name) {
    case "Timestamp":
      return { seconds: BigInt(random.next()) - 2n ** 31n, nanos: random.below(1_000_000_000) }
    case "Duration":
      return { seconds: BigInt(random.next()), nanos: random.below(1_000_000_000) }
    case "Struct":
      return { key: json(random, depth), other: json(random, depth) }
    case "ListValue":
      return [json(random, depth)]
    case "Value":
      return json(random, depth)
    case "Any":
      return { typeUrl: "type.googleapis.com/google.protobuf.Duration", value: Uint8Array.of(8, 5) }
    case "FieldMask":
      return { paths: ["a_b", "c.d_e"] }
    default:
      return {}
  }
}

const single = (random: Random, type: Type.Type, depth: number): unknown => {
  if (type.kind === "message" || type.kind === "group") return message(random, type.message, depth - 1)
  return type.kind === "enum" ? random.pick(Object.values(type.members)) : scalar(random, type.kind)
}

const field = (random: Random, each: Type.Field, depth: number): unknown => {
  const isDeep = each.type.kind === "message" || each.type.kind === "group"
  const count = isDeep && depth <= 0 ? 0 : random.pick([0, 1, 3])
  switch (each.cardinality) {
    case "list":
    case "packed":
      return Array.from({ length: count }, () => single(random, each.type, depth))
    case "map":
      return new Map(
        Array.from({ length: count }, () => [single(random, each.mapKey!, depth), single(random, each.type, depth)])
      )
    case "explicit":
      return (isDeep && depth <= 0) || random.below(3) === 0 ? undefined : single(random, each.type, depth)
    default:
      return single(random, each.type, depth)
  }
}

/** A value that has all properties, as decoders make it. */
export const message = (random: Random, type: Type.AnyMessage, depth: number): unknown => {
  if (type.isWellKnown) return wellKnown(random, type.typeName.split(".").at(-1)!, Math.min(depth, 3))
  const value: Record<string, unknown> = {}
  for (const each of type.fields()) {
    const held = field(random, each, depth)
    if (each.oneof === undefined) value[each.key] = held
    else {
      value[each.oneof] ??= undefined
      if (held !== undefined && random.below(3) === 0) value[each.oneof] = { _tag: each.key, value: held }
    }
  }
  return value
}

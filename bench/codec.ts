/** `node --conditions=volant-source bench/codec.ts [rounds]`: ns of CPU to encode and decode the order struct. */
import * as CodecCost from "./CodecCost.ts"
import * as ProtobufCost from "./ProtobufCost.ts"

const rounds = Number(process.argv[2] ?? 24)
const text = [CodecCost.table(rounds), ProtobufCost.table(rounds)].join("\n")
console.log(`\n${"ns of CPU, least".padEnd(24)}  encode  decode     sum\n${text}`)

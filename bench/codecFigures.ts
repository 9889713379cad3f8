/** Measures the codecs in a process of their own and prints the figures as a line of JSON, for main.ts. */
import * as CodecCost from "./CodecCost.ts"
import * as ProtobufCost from "./ProtobufCost.ts"

console.log(JSON.stringify([...CodecCost.measure(), ...ProtobufCost.measure()]))

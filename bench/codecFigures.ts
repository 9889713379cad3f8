/**
 * `codecFigures thrift|protobuf`: measures the codecs in a process of their own and prints the figures as a line of JSON, for
 * main.ts.
 */
import * as CodecCost from "./CodecCost.ts"
import * as ProtobufCost from "./ProtobufCost.ts"

console.log(JSON.stringify(process.argv[2] === "protobuf" ? ProtobufCost.measure() : CodecCost.measure()))

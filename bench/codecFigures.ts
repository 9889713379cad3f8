/** Measures the codecs in a process of their own and prints the figures as a line of JSON, for main.ts. */
import * as CodecCost from "./CodecCost.ts"

console.log(JSON.stringify(await CodecCost.measure()))

/**
 * Our gRPC server beside one of gRPC C++, whose executable is the argument. Prints the table, and ends with 1
 * where a goal is missed by more than what other programs on the machine explain.
 */
import * as Figure from "./Figure.ts"
import * as GrpcServerCost from "./GrpcServerCost.ts"
import { parse } from "./Options.ts"

const [path = "", ...rest] = process.argv.slice(2)
const figures = await GrpcServerCost.measureCpp(path, parse(rest))
console.log(Figure.table(figures))
const noise = 1.3
if (figures.some((figure) => Figure.result(figure) > (figure.goal ?? Infinity) * noise)) process.exitCode = 1

/** The gRPC servers that are measured. */
import { program, type RunningServer, startExecutable, startServer } from "./Process.ts"

export interface Contender {
  readonly name: string
  readonly program: string
  readonly args: ReadonlyArray<string>
}

export const volant: Contender = { name: "volant", program: "server", args: ["grpc", "--port", "0"] }
export const grpcJs: Contender = { name: "grpc-js", program: "peers/grpcJsServer", args: [] }
export const http2: Contender = { name: "node:http2 bare", program: "peers/http2", args: [] }
export const niceGrpc: Contender = { name: "nice-grpc", program: "peers/niceGrpc", args: [] }
export const connectNode: Contender = { name: "connect-node", program: "peers/connectNode", args: [] }

export const all: ReadonlyArray<Contender> = [volant, grpcJs, http2, niceGrpc, connectNode]

/** gRPC C++ with its asynchronous server, from a path: only the interop run builds it. */
export const cpp = (path: string): Contender => ({ name: "gRPC C++", program: path, args: [] })

export const start = (contender: Contender): Promise<RunningServer> =>
  contender.program.startsWith("/")
    ? startExecutable(contender.program)
    : startServer(program(contender.program), contender.args)

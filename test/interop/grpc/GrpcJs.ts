/** The gRPC interop list on grpc-js, as server and as client, with messages by `@grpc/proto-loader`. */
import { fileURLToPath } from "node:url"
import * as Grpc from "@grpc/grpc-js"
import * as ProtoLoader from "@grpc/proto-loader"
import type { clientCompressed, common, serverCompressed } from "./Cases.ts"

/** Its server cannot compress, and does not see what came compressed. */
export type Case = (typeof common | typeof clientCompressed | typeof serverCompressed)[number]

const protos = fileURLToPath(new URL("protos", import.meta.url))
const loaded = Grpc.loadPackageDefinition(
  ProtoLoader.loadSync("grpc/testing/test.proto", { includeDirs: [protos], keepCase: true })
)
const testing = (loaded as any).grpc.testing as Record<string, Grpc.ServiceClientConstructor>

const initial = "x-grpc-test-echo-initial"
const trailing = "x-grpc-test-echo-trailing-bin"

const payload = (size: number) => ({ type: "COMPRESSABLE", body: Buffer.alloc(size) })

/** Sends what is to be echoed before the reply, and answers what is to be echoed behind it. */
const echo = (call: Grpc.ServerUnaryCall<any, any> | Grpc.ServerDuplexStream<any, any>): Grpc.Metadata => {
  const head = new Grpc.Metadata()
  for (const value of call.metadata.get(initial)) head.add(initial, value)
  if (head.get(initial).length > 0) call.sendMetadata(head)
  const trailers = new Grpc.Metadata()
  for (const value of call.metadata.get(trailing)) trailers.add(trailing, value)
  return trailers
}

const failureOf = (request: any): Partial<Grpc.StatusObject> | undefined => {
  const status = request.response_status
  return status?.code > 0 ? { code: status.code, details: status.message } : undefined
}

const replyTo = (call: { write: (reply: unknown) => unknown }, request: any): void => {
  for (const { size } of request.response_parameters ?? []) call.write({ payload: payload(size) })
}

const duplex = (call: Grpc.ServerDuplexStream<any, any>): void => {
  const trailers = echo(call)
  let failed = false
  call.on("data", (request: any) => {
    const failure = failureOf(request)
    if (failure !== undefined) {
      failed = true
      return void call.emit("error", failure)
    }
    replyTo(call, request)
  })
  call.on("end", () => {
    if (!failed) (call as any).end(trailers)
  })
}

const service: Grpc.UntypedServiceImplementation = {
  EmptyCall: (_: unknown, done: Grpc.sendUnaryData<any>) => done(null, {}),
  UnaryCall: (call: Grpc.ServerUnaryCall<any, any>, done: Grpc.sendUnaryData<any>) => {
    const trailers = echo(call)
    const failure = failureOf(call.request)
    if (failure !== undefined) done(failure)
    else done(null, { payload: payload(call.request.response_size) }, trailers)
  },
  StreamingOutputCall: (call: Grpc.ServerWritableStream<any, any>) => {
    replyTo(call, call.request)
    call.end()
  },
  StreamingInputCall: (call: Grpc.ServerReadableStream<any, any>, done: Grpc.sendUnaryData<any>) => {
    let size = 0
    call.on("data", (request: any) => (size += request.payload.body.length))
    call.on("end", () => done(null, { aggregated_payload_size: size }))
  },
  FullDuplexCall: duplex
}

export interface Running {
  readonly port: number
  readonly stop: () => void
}

export const serve = (): Promise<Running> =>
  new Promise((resolve, reject) => {
    const server = new Grpc.Server()
    server.addService(testing["TestService"]!.service, service)
    server.bindAsync("127.0.0.1:0", Grpc.ServerCredentials.createInsecure(), (error, port) => {
      if (error === null) resolve({ port, stop: () => server.forceShutdown() })
      else reject(error)
    })
  })

/** How a call of grpc-js ended. */
interface Outcome {
  readonly code: number
  readonly details: string
  readonly replies: ReadonlyArray<any>
  readonly initial: ReadonlyArray<Grpc.MetadataValue>
  readonly trailing: ReadonlyArray<Grpc.MetadataValue>
}

class Client {
  private readonly stub: any
  private readonly other: any

  constructor(port: number, options: Grpc.ClientOptions = {}) {
    const credentials = Grpc.credentials.createInsecure()
    this.stub = new testing["TestService"]!(`127.0.0.1:${port}`, credentials, options)
    this.other = new testing["UnimplementedService"]!(`127.0.0.1:${port}`, credentials)
  }

  close(): void {
    this.stub.close()
    this.other.close()
  }

  unary(method: string, request: unknown, metadata = new Grpc.Metadata()): Promise<Outcome> {
    const stub = method === "Other" ? this.other : this.stub
    return new Promise((resolve) => {
      const replies: Array<unknown> = []
      const take = (_: unknown, reply: unknown) => {
        if (reply !== undefined) replies.push(reply)
      }
      settle(stub[method === "Other" ? "UnimplementedCall" : method](request, metadata, take), replies, resolve)
    })
  }

  serverStream(request: unknown): Promise<Outcome> {
    return new Promise((resolve) => {
      const replies: Array<unknown> = []
      const call = this.stub.StreamingOutputCall(request)
      call.on("data", (reply: unknown) => replies.push(reply))
      settle(call, replies, resolve)
    })
  }

  /** Sends all requests and ends, or one before each reply. */
  stream(
    method: string,
    requests: ReadonlyArray<unknown>,
    options: {
      readonly metadata?: Grpc.Metadata
      readonly call?: Grpc.CallOptions
      readonly isPingPong?: boolean
      readonly onReply?: (call: any) => void
      readonly onSent?: (call: any) => void
      /** Of each request. */
      readonly flags?: (request: any) => number
    } = {}
  ): Promise<Outcome> {
    return new Promise((resolve) => {
      const replies: Array<unknown> = []
      const take = (_: unknown, reply: unknown) => {
        if (reply !== undefined) replies.push(reply)
      }
      const metadata = options.metadata ?? new Grpc.Metadata()
      const args =
        method === "StreamingInputCall" ? [metadata, options.call ?? {}, take] : [metadata, options.call ?? {}]
      const call = this.stub[method](...args)
      const end = options.onSent ?? ((open: any) => open.end())
      call.on("data", (reply: unknown) => {
        replies.push(reply)
        options.onReply?.(call)
        if (options.isPingPong !== true) return
        if (replies.length < requests.length) call.write(requests[replies.length])
        else call.end()
      })
      settle(call, replies, resolve)
      if (options.isPingPong === true) return void call.write(requests[0])
      for (const request of requests) call.write(request, options.flags?.(request))
      end(call)
    })
  }
}

const settle = (call: any, replies: ReadonlyArray<unknown>, resolve: (outcome: Outcome) => void): void => {
  let head = new Grpc.Metadata()
  call.on("metadata", (received: Grpc.Metadata) => (head = received))
  call.on("error", () => {})
  call.on("status", ({ code, details, metadata }: Grpc.StatusObject) =>
    // Behind the callback of a unary call.
    setImmediate(() =>
      resolve({ code, details, replies, initial: head.get(initial), trailing: metadata.get(trailing) })
    )
  )
}

const sizesOf = ({ replies }: Outcome): ReadonlyArray<number> => replies.map((reply) => reply.payload.body.length)

const equal = (actual: unknown, expected: unknown): void => {
  const [is, shall] = [JSON.stringify(actual), JSON.stringify(expected)]
  if (is !== shall) throw new Error(`${is}, not ${shall}`)
}

const large = { response_size: 314_159, payload: payload(271_828) }
const requestSizes = [27_182, 8, 1_828, 45_904]
const replySizes = [31_415, 9, 2_653, 58_979]
const output = (index: number) => ({
  response_parameters: [{ size: replySizes[index] }],
  payload: payload(requestSizes[index]!)
})

const statusOf = async (client: Client, message: string): Promise<void> => {
  const request = { response_status: { code: 2, message } }
  const unary = await client.unary("UnaryCall", request)
  equal([unary.code, unary.details], [2, message])
  const streamed = await client.stream("FullDuplexCall", [request])
  equal([streamed.code, streamed.details], [2, message])
}

const largeUnary = async (client: Client): Promise<void> =>
  equal(sizesOf(await client.unary("UnaryCall", large)), [314_159])

const gzip = { "grpc.default_compression_algorithm": Grpc.compressionAlgorithms.gzip }

/** Where it is expected, and nowhere else. */
const flags = (request: any): number => (request.expect_compressed.value ? 0 : 2) /* WRITE_NO_COMPRESS */

const clientCompressedUnary = async (client: Client, port: number): Promise<void> => {
  const request = (value: boolean) => ({ ...large, expect_compressed: { value } })
  equal((await client.unary("UnaryCall", request(true))).code, 3)
  const compressing = new Client(port, gzip)
  const compressed = await compressing.unary("UnaryCall", request(true)).finally(() => compressing.close())
  equal(sizesOf(compressed), [314_159])
  equal(sizesOf(await client.unary("UnaryCall", request(false))), [314_159])
}

const clientCompressedStreaming = async (client: Client, port: number): Promise<void> => {
  const request = (value: boolean, size: number) => ({ payload: payload(size), expect_compressed: { value } })
  equal((await client.stream("StreamingInputCall", [request(true, 27_182)])).code, 3)
  const compressing = new Client(port, gzip)
  const requests = [request(true, 27_182), request(false, 45_904)]
  const { replies } = await compressing
    .stream("StreamingInputCall", requests, { flags })
    .finally(() => compressing.close())
  equal(replies, [{ aggregated_payload_size: 73_086 }])
}

const customMetadata = async (client: Client): Promise<void> => {
  const metadata = new Grpc.Metadata()
  metadata.add(initial, "test_initial_metadata_value")
  metadata.add(trailing, Buffer.of(0xab, 0xab, 0xab))
  const expected = [["test_initial_metadata_value"], [Buffer.of(0xab, 0xab, 0xab)]]
  const unary = await client.unary("UnaryCall", large, metadata)
  equal([unary.initial, unary.trailing], expected)
  const streamed = await client.stream("FullDuplexCall", [output(0)], { metadata })
  equal([streamed.initial, streamed.trailing], expected)
}

const checks: Readonly<Record<Case, (client: Client, port: number) => Promise<void>>> = {
  empty_unary: async (client) => equal((await client.unary("EmptyCall", {})).replies, [{}]),
  large_unary: largeUnary,
  client_streaming: async (client) => {
    const { replies } = await client.stream(
      "StreamingInputCall",
      requestSizes.map((size) => ({ payload: payload(size) }))
    )
    equal(replies, [{ aggregated_payload_size: 74_922 }])
  },
  server_streaming: async (client) => {
    const request = { response_parameters: replySizes.map((size) => ({ size })) }
    equal(sizesOf(await client.serverStream(request)), replySizes)
  },
  ping_pong: async (client) => {
    const requests = requestSizes.map((_, index) => output(index))
    equal(sizesOf(await client.stream("FullDuplexCall", requests, { isPingPong: true })), replySizes)
  },
  empty_stream: async (client) => {
    const { code, replies } = await client.stream("FullDuplexCall", [])
    equal([code, replies], [0, []])
  },
  cancel_after_begin: async (client) => {
    const { code } = await client.stream("StreamingInputCall", [], { onSent: (call) => call.cancel() })
    equal(code, 1)
  },
  cancel_after_first_response: async (client) => {
    const { code, replies } = await client.stream("FullDuplexCall", [output(0)], {
      onSent: () => {},
      onReply: (call) => call.cancel()
    })
    equal([code, replies.length], [1, 1])
  },
  timeout_on_sleeping_server: async (client) => {
    const request = { payload: payload(27_182) }
    const call = { deadline: Date.now() + 5 }
    equal((await client.stream("FullDuplexCall", [request], { call, onSent: () => {} })).code, 4)
  },
  status_code_and_message: (client) => statusOf(client, "test status message"),
  special_status_message: (client) =>
    statusOf(client, "\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n"),
  custom_metadata: customMetadata,
  unimplemented_method: async (client) => equal((await client.unary("UnimplementedCall", {})).code, 12),
  unimplemented_service: async (client) => equal((await client.unary("Other", {})).code, 12),
  client_compressed_unary: clientCompressedUnary,
  client_compressed_streaming: clientCompressedStreaming,
  server_compressed_unary: async (client) => {
    for (const value of [true, false])
      equal(sizesOf(await client.unary("UnaryCall", { ...large, response_compressed: { value } })), [314_159])
  },
  server_compressed_streaming: async (client) => {
    const parameters = [
      { compressed: { value: true }, size: 31_415 },
      { compressed: { value: false }, size: 92_653 }
    ]
    equal(sizesOf(await client.serverStream({ response_parameters: parameters })), [31_415, 92_653])
  },
  rpc_soak: async (client) => {
    for (let index = 0; index < 50; index++) await largeUnary(client)
  },
  channel_soak: async (_, port) => {
    for (let index = 0; index < 20; index++) {
      const client = new Client(port)
      await largeUnary(client).finally(() => client.close())
    }
  }
}

/** Runs one case with grpc-js as the client; fails with what is wrong. */
export const run = async (port: number, testCase: Case): Promise<void> => {
  const client = new Client(port)
  try {
    await checks[testCase](client, port)
  } finally {
    client.close()
  }
}

/** The program of the page: calls the servers with clients that others wrote, and posts what came of it. */
import {
  create,
  createFileRegistry,
  type DescMessage,
  type DescService,
  type FileRegistry,
  fromBinary,
  type Message,
  toBinary
} from "@bufbuild/protobuf"
import { base64Decode } from "@bufbuild/protobuf/wire"
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt"
import { type CallOptions, ConnectError, createClient } from "@connectrpc/connect"
import { createGrpcWebTransport } from "@connectrpc/connect-web"
import * as GrpcWeb from "grpc-web"
import type { Outcome, Report, Run, Target, Task } from "./Results.ts"

/** A client, as far as the page uses it. */
interface Greeter {
  readonly client: string
  readonly hello: (name: string) => Promise<Outcome>
  readonly often: (name: string) => Promise<Outcome>
}

const metadata = { "x-who": "a page" }

const service = "volant.example.greeter"

const registryOf = ({ file }: Task): FileRegistry => {
  const parsed = fromBinary(FileDescriptorProtoSchema, base64Decode(file))
  // Custom options are in files that the messages do not need.
  parsed.dependency = []
  return createFileRegistry(parsed, () => undefined)
}

const textOf = (message: unknown): string => (message as { readonly text: string }).text

/** Of a descriptor that is read at run time, Connect's types know nothing. */
interface ConnectMethods {
  readonly sayHello: (request: { readonly name: string }, options: CallOptions) => Promise<unknown>
  readonly sayHelloOften: (request: { readonly name: string }, options: CallOptions) => AsyncIterable<unknown>
}

const connectOf = (registry: FileRegistry, { url }: Target): Greeter => {
  const transport = createGrpcWebTransport({ baseUrl: url })
  const client = createClient(registry.getService(`${service}.Greeter`) as DescService, transport)
  const methods = client as unknown as ConnectMethods
  const call = async (run: (options: CallOptions, texts: Array<string>) => Promise<void>): Promise<Outcome> => {
    const texts: Array<string> = []
    let head: Headers | undefined
    let trailers: Headers | undefined
    let error: ConnectError | undefined
    const options: CallOptions = {
      headers: metadata,
      onHeader: (headers) => (head = headers),
      onTrailer: (headers) => (trailers = headers)
    }
    try {
      await run(options, texts)
    } catch (cause) {
      error = ConnectError.from(cause)
    }
    const own = error?.metadata
    return {
      texts,
      code: error?.code,
      message: error?.rawMessage,
      zone: head?.get("zone") ?? own?.get("zone") ?? undefined,
      cost: trailers?.get("cost") ?? own?.get("cost") ?? undefined
    }
  }
  return {
    client: "connect-web",
    hello: (name) => call(async (options, texts) => void texts.push(textOf(await methods.sayHello({ name }, options)))),
    often: (name) =>
      call(async (options, texts) => {
        for await (const message of methods.sayHelloOften({ name }, options)) texts.push(textOf(message))
      })
  }
}

type Call = GrpcWeb.ClientReadableStream<Message>

const grpcWebOf = (registry: FileRegistry, { url }: Target, format: "text" | "binary"): Greeter => {
  const client = new GrpcWeb.GrpcWebClientBase({ format })
  const request = registry.getMessage(`${service}.HelloRequest`) as DescMessage
  const reply = registry.getMessage(`${service}.HelloReply`) as DescMessage
  const methodOf = (name: string, kind: string) => ({
    path: `${url}/${service}.Greeter/${name}`,
    descriptor: new GrpcWeb.MethodDescriptor<Message, Message>(
      `/${service}.Greeter/${name}`,
      kind,
      Object as never,
      Object as never,
      (message: Message) => toBinary(request, message),
      (bytes: Uint8Array) => fromBinary(reply, bytes)
    )
  })
  /** Watches a call until `start` says that it has ended, and its head is known: of a failure, that comes behind it. */
  const outcomeOf = (
    start: (onEnd: (error?: GrpcWeb.RpcError | null, message?: Message | null) => void) => Call
  ): Promise<Outcome> =>
    new Promise((resolve) => {
      const fields: { zone?: string; cost?: string } = {}
      let hasHead = false
      let ended: Outcome | undefined
      const settle = () => {
        if (hasHead && ended !== undefined) resolve({ ...ended, zone: fields.zone, cost: fields.cost })
      }
      const call = start((error, message) => {
        Object.assign(fields, error?.metadata)
        const texts = message === undefined || message === null ? [] : [textOf(message)]
        ended ??= { texts, code: error?.code, message: error?.message, zone: undefined, cost: undefined }
        settle()
      })
      call.on("status", (status) => void Object.assign(fields, status.metadata))
      call.on("metadata", (head) => {
        Object.assign(fields, head)
        hasHead = true
        settle()
      })
    })
  const unary = methodOf("SayHello", GrpcWeb.MethodType.UNARY)
  const streaming = methodOf("SayHelloOften", GrpcWeb.MethodType.SERVER_STREAMING)
  return {
    client: `grpc-web, ${format}`,
    hello: (name) => {
      const { descriptor, path } = unary
      const message = create(request, { name } as never)
      return outcomeOf((onEnd) => client.rpcCall(path, message, metadata, descriptor, onEnd))
    },
    often: (name) => {
      const { descriptor, path } = streaming
      const message = create(request, { name } as never)
      const texts: Array<string> = []
      const outcome = outcomeOf((onEnd) =>
        client
          .serverStreaming(path, message, metadata, descriptor)
          .on("data", (reply) => void texts.push(textOf(reply)))
          .on("error", onEnd)
          .on("end", onEnd)
      )
      return outcome.then((found) => ({ ...found, texts }))
    }
  }
}

const waitingForOneAnother = 10

const run = async (greeter: Greeter, closed: Greeter, target: Target): Promise<Run> => ({
  client: greeter.client,
  target: target.name,
  unary: await greeter.hello("you"),
  stream: await greeter.often("you"),
  refusedUnary: await greeter.hello("eve"),
  refusedStream: await greeter.often("eve"),
  closed: await closed.hello("you"),
  together: target.isHttp2
    ? (await Promise.all(Array.from({ length: waitingForOneAnother }, () => greeter.hello("together")))).flatMap(
        ({ texts }) => texts
      )
    : []
})

const runAll = async (task: Task): Promise<ReadonlyArray<Run>> => {
  const registry = registryOf(task)
  const runs: Array<Run> = []
  for (const target of task.targets) {
    const closed = { ...target, url: task.closed }
    runs.push(await run(connectOf(registry, target), connectOf(registry, closed), target))
    for (const format of ["text", "binary"] as const) {
      runs.push(await run(grpcWebOf(registry, target, format), grpcWebOf(registry, closed, format), target))
    }
  }
  return runs
}

const report = async (): Promise<Report> => {
  try {
    const task = (await (await fetch("/task")).json()) as Task
    return { runs: await runAll(task), error: undefined }
  } catch (error) {
    return { runs: [], error: error instanceof Error ? `${error.message}\n${error.stack}` : String(error) }
  }
}

await fetch("/report", { method: "POST", body: JSON.stringify(await report()) })

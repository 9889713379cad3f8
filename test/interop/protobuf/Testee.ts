/** What the testee of protobuf's conformance runner does with a request. */
import { mkdirSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { pathToFileURL } from "node:url"
import * as Result from "effect/Result"
import * as Diagnostic from "../../../src/codegen/Diagnostic.ts"
import * as EmitProto from "../../../src/codegen/EmitProto.ts"
import * as NodeFiles from "../../../src/codegen/NodeFiles.ts"
import * as ProtoFrontEnd from "../../../src/codegen/ProtoFrontEnd.ts"
import * as Json from "../../../src/grpc/ProtobufJson.ts"
import { limits } from "../../../src/grpc/ProtobufRead.ts"
import * as Registry from "../../../src/grpc/ProtobufRegistry.ts"
import type * as Type from "../../../src/grpc/ProtobufType.ts"
import { Reader } from "../../../src/wire/Reader.ts"
import { Writer } from "../../../src/wire/Writer.ts"

const files = [
  "conformance/conformance.proto",
  "google/protobuf/test_messages_proto2.proto",
  "google/protobuf/test_messages_proto3.proto",
  "google/protobuf/test_messages_edition2023.proto",
  "google/protobuf/test_messages_proto2_editions.proto",
  "google/protobuf/test_messages_proto3_editions.proto"
]

// Inside the checkout, so that what is generated finds `volant`.
const out = join(import.meta.dirname, "../../../.cache/protobuf-conformance")

/** Compiles the runner's files and imports what comes of them. */
export const load = async (protos: string): Promise<Registry.Registry> => {
  const paths = files.map((file) => join(protos, file))
  const program = ProtoFrontEnd.compile(paths, { ...NodeFiles.files, includeRoots: [protos] })
  if (Result.isFailure(program)) throw new Error(program.failure.map(Diagnostic.render).join("\n"))
  const modules: Array<object> = []
  for (const output of EmitProto.emit(program.success.files)) {
    const path = join(out, output.path)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, output.text)
    modules.push(await import(pathToFileURL(path).href))
  }
  return Registry.make(...modules)
}

interface Request {
  readonly payload?: { readonly _tag: string; readonly value: Uint8Array | string }
  readonly requestedOutputFormat: number
  readonly messageType: string
  readonly testCategory: number
}

type Response = { readonly _tag: string; readonly value: Uint8Array | string }

const [protobuf, json, ignoreUnknown] = [1, 2, 3]

const encode = (message: Type.AnyMessage, value: unknown): Buffer => {
  const writer = new Writer()
  message.codec.encode(writer, value)
  return writer.toBytes()
}

const decode = (message: Type.AnyMessage, bytes: Uint8Array): unknown => message.codec.decode(new Reader(bytes, limits))

const read = (registry: Registry.Registry, message: Type.AnyMessage, request: Request): unknown => {
  const { _tag, value } = request.payload!
  if (_tag === "protobufPayload") return decode(message, value as Uint8Array)
  return Json.fromText(message, value as string, { registry, ignoreUnknown: request.testCategory === ignoreUnknown })
}

const respond = (registry: Registry.Registry, request: Request): Response => {
  const message = registry.messages.get(request.messageType)
  if (message === undefined) return { _tag: "runtimeError", value: `no message ${request.messageType}` }
  const isRead = request.payload?._tag === "protobufPayload" || request.payload?._tag === "jsonPayload"
  const isWritten = request.requestedOutputFormat === protobuf || request.requestedOutputFormat === json
  if (!isRead || !isWritten) return { _tag: "skipped", value: "only binary and JSON" }
  let value: unknown
  try {
    value = read(registry, message, request)
  } catch (error) {
    return { _tag: "parseError", value: String(error) }
  }
  try {
    return request.requestedOutputFormat === protobuf
      ? { _tag: "protobufPayload", value: encode(message, value) }
      : { _tag: "jsonPayload", value: Json.toText(message, value, { registry }) }
  } catch (error) {
    return { _tag: "serializeError", value: String(error) }
  }
}

/** The bytes of the answer to the bytes of a request. */
export const answerTo = (registry: Registry.Registry, bytes: Uint8Array): Buffer => {
  const request = decode(registry.messages.get("conformance.ConformanceRequest")!, bytes) as Request
  // The runner's first question: which failures are expected. None.
  const result: Response =
    request.messageType === "conformance.FailureSet"
      ? { _tag: "protobufPayload", value: new Uint8Array(0) }
      : respond(registry, request)
  return encode(registry.messages.get("conformance.ConformanceResponse")!, { result })
}

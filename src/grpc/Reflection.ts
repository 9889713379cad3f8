/**
 * The reflection service of gRPC (grpc/doc/server-reflection.md), as `v1` and `v1alpha`: tools such as grpcurl, grpcui, buf
 * and Postman find services and their types by it. `Router.layer(ItemsLive, Reflection.serve)`.
 *
 * It shows the .proto files that contracts were generated from as compilers describe them, with all that they import. A
 * contract written by hand, or generated without descriptors, is listed and no more.
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import { type DuplicateRoute, Router } from "../Router.ts"
import * as DescriptorPool from "./DescriptorPool.ts"
import * as V1 from "./gen/grpc/reflection/v1/reflection.ts"
import * as V1Alpha from "./gen/grpc/reflection/v1alpha/reflection.ts"
import { type GrpcMethodCodec, isGrpcMethodCodec } from "./GrpcCodec.ts"
import type { Source } from "./ProtobufFile.ts"
import * as StatusCode from "./StatusCode.ts"

type Request = V1.ServerReflectionRequest
type Response = V1.ServerReflectionResponse
type Answer = NonNullable<Response["messageResponse"]>

/** What else is shown. */
export interface Options {
  /**
   * Files that no served contract imports, as their generated modules export them: extensions of its messages, messages that
   * travel in `Any`. Default none.
   */
  readonly files?: ReadonlyArray<Source> | undefined
}

/** What a server tells of itself. */
interface Shown extends DescriptorPool.DescriptorPool {
  /** Names of contracts, in order. */
  readonly services: ReadonlyArray<string>
}

const codecsOf = (router: Router["Service"]): ReadonlyArray<readonly [string, GrpcMethodCodec<any, any, any>]> =>
  router.methods().flatMap(({ codec, contract }) => (isGrpcMethodCodec(codec) ? [[contract, codec] as const] : []))

const show = (router: Router["Service"], options: Options, library: DescriptorPool.Library): Shown => {
  const codecs = codecsOf(router)
  const sources = codecs.flatMap(([, { file }]) => file ?? [])
  const pool = DescriptorPool.make(new Set([...sources, ...(options.files ?? [])]), library)
  return {
    files: pool.files,
    symbols: pool.symbols,
    extensions: pool.extensions,
    warnings: pool.warnings,
    services: Array.from(new Set(codecs.map(([contract]) => contract))).sort()
  }
}

const failure = (errorCode: number, errorMessage: string): Answer => ({
  _tag: "errorResponse",
  value: { errorCode, errorMessage }
})

const notFound = (what: string, hint = ""): Answer =>
  failure(StatusCode.notFound, `${what.slice(0, 300)} is not known here${hint}`)

/** What one stream was told already. */
type Sent = Set<DescriptorPool.File>

const given = (file: DescriptorPool.File, sent: Sent): Answer => ({
  _tag: "fileDescriptorResponse",
  value: { fileDescriptorProto: DescriptorPool.withImports(file, sent) }
})

const bySymbol = ({ services, symbols }: Shown, name: string, sent: Sent): Answer => {
  const found = symbols.get(name)
  if (found !== undefined) return given(found.file, sent)
  const isUndescribed = services.some((service) => name === service || name.startsWith(`${service}.`))
  return notFound(
    `the symbol "${name}"`,
    isUndescribed ? ": its service is served, and its code was written by hand or generated without descriptors" : ""
  )
}

const extensionNumbers = ({ extensions, symbols }: Shown, name: string): Answer => {
  const numbers = extensions.get(name)
  if (numbers === undefined && symbols.get(name)?.isMessage !== true) return notFound(`the message "${name}"`)
  const extensionNumber = Array.from(numbers?.keys() ?? []).sort((a, b) => a - b)
  return { _tag: "allExtensionNumbersResponse", value: { baseTypeName: name, extensionNumber } }
}

const answer = (shown: Shown, sent: Sent, { messageRequest: wanted }: Request): Answer => {
  switch (wanted?._tag) {
    case "listServices":
      return { _tag: "listServicesResponse", value: { service: shown.services.map((name) => ({ name })) } }
    case "fileByFilename": {
      const file = shown.files.get(wanted.value)
      return file === undefined ? notFound(`the file "${wanted.value}"`) : given(file, sent)
    }
    case "fileContainingSymbol":
      return bySymbol(shown, wanted.value, sent)
    case "fileContainingExtension": {
      const { containingType, extensionNumber } = wanted.value
      const file = shown.extensions.get(containingType)?.get(extensionNumber)
      return file === undefined ? notFound(`extension ${extensionNumber} of "${containingType}"`) : given(file, sent)
    }
    case "allExtensionNumbersOfType":
      return extensionNumbers(shown, wanted.value)
    case undefined:
      return failure(StatusCode.invalidArgument, "the request asks for nothing")
  }
}

/** Serves both versions, for `Router.layer`. */
export const serveWith = (options: Options): Layer.Layer<never, DuplicateRoute, Router> =>
  Layer.unwrap(
    Effect.gen(function* () {
      const router = yield* Router
      let shown: Shown | undefined
      // Not before the first question: then all contracts have been added, and until then nothing is loaded.
      const ready = Effect.gen(function* () {
        if (shown !== undefined) return shown
        const library = yield* Effect.promise(() => import("./gen/library.ts"))
        shown = show(router, options, library.files)
        yield* Effect.forEach(shown.warnings, (warning) => Effect.logWarning(`reflection: ${warning}`))
        return shown
      })
      const start = Effect.map(ready, (shown) => ({ shown, sent: new Set<DescriptorPool.File>() }))
      const handlers = {
        serverReflectionInfo: <E>(requests: Stream.Stream<Request, E>): Stream.Stream<Response, E> =>
          Stream.unwrap(
            Effect.map(start, ({ sent, shown }) =>
              Stream.map(requests, (originalRequest) => ({
                validHost: originalRequest.host,
                originalRequest,
                messageResponse: answer(shown, sent, originalRequest)
              }))
            )
          )
      }
      return Layer.merge(V1.ServerReflection.serve(handlers), V1Alpha.ServerReflection.serve(handlers))
    })
  )

/** Serves both versions, for `Router.layer`: the files of the contracts of this router, and what they import. */
export const serve: Layer.Layer<never, DuplicateRoute, Router> = serveWith({})

/**
 * The reflection service of gRPC (grpc/doc/server-reflection.md), as `v1` and `v1alpha`: tools such as grpcurl find services
 * and their types by it. `Router.layer(ItemsLive, Reflection.serve)`.
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import { type DuplicateRoute, Router } from "../Router.ts"
import * as Descriptors from "./Descriptors.ts"
import * as V1 from "./gen/grpc/reflection/v1/reflection.ts"
import * as V1Alpha from "./gen/grpc/reflection/v1alpha/reflection.ts"
import { isGrpcMethodCodec } from "./GrpcCodec.ts"
import * as StatusCode from "./StatusCode.ts"

type Request = V1.ServerReflectionRequest
type Response = V1.ServerReflectionResponse
type Answer = NonNullable<Response["messageResponse"]>

/** Of services whose codecs are generated; others are listed only. */
const describe = (router: Router["Service"]): Descriptors.Descriptors =>
  Descriptors.make(
    router.methods().flatMap(({ codec, contract, kind, name }) =>
      isGrpcMethodCodec(codec) && codec.types !== undefined
        ? [
            {
              name,
              contract,
              ...codec.types,
              takesStream: kind === "clientStream" || kind === "bidiStream",
              givesStream: kind === "serverStream" || kind === "bidiStream"
            }
          ]
        : []
    )
  )

const notFound = (what: string): Answer => ({
  _tag: "errorResponse",
  value: { errorCode: StatusCode.notFound, errorMessage: `${what.slice(0, 300)} is not known here` }
})

/** A file, and all that it needs behind it. */
const withDependencies = ({ files }: Descriptors.Descriptors, name: string | undefined): Answer | undefined => {
  const found = new Map<string, Descriptors.File>()
  const add = (name: string): void => {
    const file = files.get(name)
    if (file === undefined || found.has(name)) return
    found.set(name, file)
    file.dependencies.forEach(add)
  }
  if (name !== undefined) add(name)
  if (found.size === 0) return undefined
  return {
    _tag: "fileDescriptorResponse",
    value: { fileDescriptorProto: Array.from(found.values(), ({ bytes }) => bytes) }
  }
}

const answer = (router: Router["Service"], descriptors: Descriptors.Descriptors, request: Request): Answer => {
  const wanted = request.messageRequest
  switch (wanted?._tag) {
    case "listServices": {
      const service = router.contracts().map((name) => ({ name }))
      return { _tag: "listServicesResponse", value: { service } }
    }
    case "fileByFilename":
      return withDependencies(descriptors, wanted.value) ?? notFound(`the file "${wanted.value}"`)
    case "fileContainingSymbol":
      return (
        withDependencies(descriptors, descriptors.symbols.get(wanted.value)) ?? notFound(`the symbol "${wanted.value}"`)
      )
    case "fileContainingExtension":
      return notFound(`extension ${wanted.value.extensionNumber} of "${wanted.value.containingType}"`)
    case "allExtensionNumbersOfType":
      return descriptors.symbols.has(wanted.value)
        ? {
            _tag: "allExtensionNumbersResponse",
            value: { baseTypeName: wanted.value, extensionNumber: [] }
          }
        : notFound(`the type "${wanted.value}"`)
    case undefined:
      return {
        _tag: "errorResponse",
        value: { errorCode: StatusCode.invalidArgument, errorMessage: "the request asks for nothing" }
      }
  }
}

/** Serves both versions, for `Router.layer`. */
export const serve: Layer.Layer<never, DuplicateRoute, Router> = Layer.unwrap(
  Effect.gen(function* () {
    const router = yield* Router
    let descriptors: Descriptors.Descriptors | undefined
    const respond = (originalRequest: Request): Response => ({
      validHost: originalRequest.host,
      originalRequest,
      // Not before the first question: then all contracts have been added.
      messageResponse: answer(router, (descriptors ??= describe(router)), originalRequest)
    })
    const handlers = {
      serverReflectionInfo: <E>(requests: Stream.Stream<Request, E>) => Stream.map(requests, respond)
    }
    return Layer.merge(V1.ServerReflection.serve(handlers), V1Alpha.ServerReflection.serve(handlers))
  })
)

import * as Result from "effect/Result"
import { isCodecError } from "../Codec.ts"
import * as Metadata from "../Metadata.ts"
import * as Metainfo from "../Metainfo.ts"
import type * as Method from "../Method.ts"
import type { Reply } from "../Reply.ts"
import type { RpcError } from "../RpcError.ts"
import { ServerCall } from "../transport/ServerCall.ts"
import * as ApplicationException from "./ApplicationException.ts"
import type { Named } from "./Names.ts"
import type { ServerConnection } from "./ServerConnection.ts"
import type { Served } from "./ServerShared.ts"

/** A call of a Thrift connection: answered under its sequence id, or not at all when it is oneway. */
export class ThriftCall extends ServerCall {
  readonly isAwaited: boolean
  private readonly connection: ServerConnection
  private readonly named: Named<Served>
  private readonly seqid: number

  constructor(connection: ServerConnection, named: Named<Served>, seqid: number, isAwaited: boolean, payload: unknown) {
    super(connection.caller, named.value.method, payload, Metadata.empty, Metainfo.empty, undefined)
    this.isAwaited = isAwaited
    this.connection = connection
    this.named = named
    this.seqid = seqid
  }

  onReply(reply: Reply): void {
    if (this.isAwaited) this.connection.writeReply(this.named, this.seqid, reply.result)
  }

  onFailure(error: RpcError): void {
    this.writeException(ApplicationException.codeOf(error.reason), ApplicationException.messageOf(error.reason))
  }

  onDefect(): void {
    this.writeException(
      ApplicationException.internalError,
      `${this.call.method.fullName}: internal error of the server`
    )
  }

  private writeException(code: number, detail: string): void {
    if (this.isAwaited) this.connection.writeException(this.named.name, this.seqid, code, detail)
  }

  /** What to answer when the result of a handler cannot be encoded. */
  static unencodable(method: Method.Any, outcome: unknown, error: unknown) {
    const result = outcome as Result.Result<unknown, unknown>
    const why = isCodecError(error) ? error.message : "internal error of the server"
    if (Result.isFailure(result)) {
      const detail = `${method.fullName}: the handler failed with an error that cannot be sent: ${why}`
      return { code: ApplicationException.internalError, detail }
    }
    const isMissing = result.success === undefined || result.success === null
    return isMissing
      ? { code: ApplicationException.missingResult, detail: `${method.fullName}: the handler gave no result` }
      : {
          code: ApplicationException.internalError,
          detail: `${method.fullName}: the handler's result cannot be encoded: ${why}`
        }
  }
}

/** What a user may choose about generated code. */
import type { NameStyle } from "./EmitNames.ts"

/** All have defaults. */
export interface Options {
  /** How i64 reads in TypeScript unless an annotation says otherwise. Default `bigint`. */
  readonly i64?: "bigint" | "number" | undefined
  /** Fields and methods: lowerCamelCase, the default, or as in the IDL. */
  readonly names?: NameStyle | undefined
  /**
   * Structs keep fields that a decoder does not know and write them again, by the protocol they came by; unions and
   * exceptions do not. Default false: they are skipped.
   */
  readonly keepUnknownFields?: boolean | undefined
  /** `mirror`, the default, puts a module at its IDL file's path; `flat` puts all into one folder. */
  readonly layout?: "mirror" | "flat" | undefined
  /** How modules name their siblings: `.ts`, the default, as Node runs them, or `.js`. */
  readonly importExtension?: ".ts" | ".js" | undefined
  /**
   * Modules of .proto files carry the descriptor of their file, in base64, which server reflection shows. Default true; false
   * where code must be small, or its file is nobody's business.
   */
  readonly descriptors?: boolean | undefined
}

/** The options with defaults filled in. */
export type Resolved = { readonly [K in keyof Options]-?: NonNullable<Options[K]> }

/** Fills defaults in. */
export const resolve = (options: Options): Resolved => ({
  i64: options.i64 ?? "bigint",
  names: options.names ?? "camel",
  keepUnknownFields: options.keepUnknownFields ?? false,
  layout: options.layout ?? "mirror",
  importExtension: options.importExtension ?? ".ts",
  descriptors: options.descriptors ?? true
})

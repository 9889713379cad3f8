/**
 * The .proto files that come with the compiler: Google's well-known types and language features, and `volant/errors.proto`.
 */
import { readFileSync } from "node:fs"

/** Import paths of the files. */
export const paths: ReadonlySet<string> = new Set([
  "google/protobuf/any.proto",
  "google/protobuf/api.proto",
  "google/protobuf/compiler/plugin.proto",
  "google/protobuf/cpp_features.proto",
  "google/protobuf/descriptor.proto",
  "google/protobuf/duration.proto",
  "google/protobuf/empty.proto",
  "google/protobuf/field_mask.proto",
  "google/protobuf/go_features.proto",
  "google/protobuf/java_features.proto",
  "google/protobuf/json_enumvalue_options.proto",
  "google/protobuf/source_context.proto",
  "google/protobuf/struct.proto",
  "google/protobuf/timestamp.proto",
  "google/protobuf/type.proto",
  "google/protobuf/wrappers.proto",
  "volant/errors.proto"
])

/** The file that says what options there are. */
export const descriptorPath = "google/protobuf/descriptor.proto"

// The package holds its sources, so this is the folder for src/codegen and for dist/codegen.
const folder = new URL("../../src/codegen/protos/", import.meta.url)

/** The text of one of them, or undefined for a path that is none of theirs. */
export const read = (path: string): string | undefined =>
  paths.has(path) ? readFileSync(new URL(path, folder), "utf8") : undefined

import { globSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import * as Result from "effect/Result"
import * as EmitProto from "../../src/codegen/EmitProto.ts"
import * as ProtoFrontEnd from "../../src/codegen/ProtoFrontEnd.ts"
import * as IdlMutation from "./IdlMutation.ts"

const library = fileURLToPath(new URL("../../src/codegen/protos", import.meta.url))
const own = globSync("**/*.proto", { cwd: library }).map((name) => `${library}/${name}`)
const others = IdlMutation.others("proto/bufbuild+protocompile/internal/testdata", ".proto")

const kitchen = `syntax = "proto3"; package k; import "google/protobuf/any.proto"; import "volant/errors.proto";
// A message.
message M { int32 a = 1; repeated M b = 2 [deprecated = true]; map<string, M> c = 3; oneof o { string d = 4; E e = 5; }
  message N { optional bytes f = 1; google.protobuf.Any g = 2; } N n = 6; reserved 7, 9 to max; reserved "x"; }
enum E { option allow_alias = true; A = 0; B = 0; C = -1 [deprecated = true]; }
message Bad { option (volant.status) = NOT_FOUND; string id = 1; }
service S { rpc F(M) returns (stream M.N) { option (volant.errors) = "Bad"; } rpc G(stream M) returns (M); }`

const old = `syntax = "proto2"; package k; message M { required int32 a = 1 [default = -3]; optional group G = 2 { repeated
  double x = 1 [packed = true]; } extensions 100 to max; extend M { optional M self = 100; } }
extend M { repeated string s = 101; } enum E { Z = 4; } message Set { optional E e = 1 [default = Z]; }`

const modern = `edition = "2023"; package k; option features.field_presence = IMPLICIT; message M { int32 a = 1; M b = 2
  [features.message_encoding = DELIMITED]; string c = 3 [features = { field_presence: EXPLICIT }, json_name = "cc"]; }
enum E { option features.enum_type = CLOSED; X = 3; reserved Y; }`

const files = [...own, ...others].map((path) => readFileSync(path, "utf8"))

const file = "fuzz.proto"

IdlMutation.suite({
  name: ".proto files",
  seed: 20_266,
  // The short ones have the most in a line, so they come up as often as all files together.
  texts: [...files, ...Array.from({ length: files.length }, (_, index) => [kitchen, old, modern][index % 3]!)],
  token:
    /[A-Za-z_]\w*|0x[0-9A-Fa-f]+|\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|"[^"\n]*"|'[^'\n]*'|\s+|\/\/[^\n]*|\/\*[^]*?\*\/|[^]/g,
  words: [
    ..."syntax edition package import public weak option message enum oneof service rpc returns stream extend".split(
      " "
    ),
    ..."extensions reserved to max optional required repeated map group export local default json_name".split(" "),
    ..."packed int32 uint64 sint32 fixed64 float double bool string bytes features deprecated".split(" "),
    ..."allow_alias 0 1 -1 2 15 19000 536870911 536870912 2147483648 18446744073709551616 1e400 0x 09".split(" "),
    ...'true false inf nan - + . / "proto2" "proto3" "2024" M N E S A k google protobuf'.split(" "),
    ...IdlMutation.commonWords
  ],
  emit: (text) =>
    Result.map(ProtoFrontEnd.compile([file], { read: (wanted) => (wanted === file ? text : undefined) }), (program) =>
      EmitProto.emit(program.files).map((module) => module.text)
    )
})

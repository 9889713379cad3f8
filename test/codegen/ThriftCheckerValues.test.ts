import { describe, it } from "@effect/vitest"
import * as Thrifts from "./Thrifts.ts"

const ownOrIncluded = "expected a name that this file declares, or one of an included file with its prefix"

describe("what the Thrift checker says of values, circles and includes", () => {
  it("constants", () =>
    Thrifts.check([
      ["const bool a = ▸2", "this number is no value of type `bool`; expected `true`, `false`, 1 or 0"],
      ["const bool a = ▸'true'", "a string is no value of type `bool`; expected `true` or `false`"],
      ["const bool a = ▸1.0", "a floating point number is no value of type `bool`; expected `true` or `false`"],
      ["const i8 a = ▸128", "this number does not fit `i8`; expected -128 to 127"],
      ["const byte a = ▸-129", "this number does not fit `i8`; expected -128 to 127"],
      ["const i16 a = ▸32768", "this number does not fit `i16`; expected -32768 to 32767"],
      ["const i32 a = ▸2147483648", "this number does not fit `i32`; expected -2147483648 to 2147483647"],
      [
        "const i64 a = ▸9223372036854775808",
        "this number does not fit `i64`; expected -9223372036854775808 to 9223372036854775807"
      ],
      [
        "const i64 a = ▸0x8000000000000000",
        "this number does not fit `i64`; expected -9223372036854775808 to 9223372036854775807"
      ],
      ["const i32 a = ▸1.5", "warning: `i32` holds integers: 1.5 becomes 1; expected an integer"],
      ["const i32 a = ▸1e10", "this number does not fit `i32`; expected -2147483648 to 2147483647"],
      ["const i32 a = ▸'a'", "a string is no value of type `i32`; expected an integer"],
      ["const i32 a = ▸true", "`true` is no value of type `i32`; expected an integer"],
      ["const i32 a = ▸[]", "a list is no value of type `i32`; expected an integer"],
      ["const double a = ▸'a'", "a string is no value of type `double`; expected a number"],
      ["const double a = ▸1e400", "this number does not fit `double`; expected less than 1.8e308"],
      ["const string a = ▸5", "an integer is no value of type `string`; expected a string in quotes"],
      ["const string a = ▸b", `unknown constant \`b\`; ${ownOrIncluded}`],
      ["const string a = ▸true", "`true` is no value of type `string`; expected a string in quotes"],
      ["const binary a = ▸5", "an integer is no value of type `binary`; expected a string in quotes"],
      ["const binary a = ▸[]", "a list is no value of type `binary`; expected a string in quotes"],
      [
        "const uuid a = ▸5",
        "an integer is no value of type `uuid`; expected a string of the form 00000000-0000-0000-0000-000000000000"
      ],
      ["const uuid a = ▸'x'", "this is no UUID; expected the form 00000000-0000-0000-0000-000000000000"],
      ["const list<i32> a = ▸5", "an integer is no value of type `list<i32>`; expected a list, in `[` and `]`"],
      ["const list<i32> a = ▸{1: 2}", "a map is no value of type `list<i32>`; expected a list, in `[` and `]`"],
      ["const set<i32> a = ▸'x'", "a string is no value of type `set<i32>`; expected a list, in `[` and `]`"],
      ["const map<i32, i32> a = ▸[1]", "a list is no value of type `map<i32, i32>`; expected a map, in `{` and `}`"],
      ["const map<i32, i32> a = ▸5", "an integer is no value of type `map<i32, i32>`; expected a map, in `{` and `}`"],
      [
        "const list<i32> a = [1, ▸'b', ▸true, 2]",
        "a string is no value of type `i32`; expected an integer",
        "`true` is no value of type `i32`; expected an integer"
      ],
      [
        "const map<i32, string> a = {1: 'a', ▸'b': ▸2}",
        "a string is no value of type `i32`; expected an integer",
        "an integer is no value of type `string`; expected a string in quotes"
      ],
      ["enum E { A } const E a = ▸B", "unknown constant `B`; expected a member of `E` or a constant"],
      ["enum E { A } const E a = ▸E.B", "unknown constant `E.B`; expected a member of `E`"],
      ["enum E { A } const E a = ▸'A'", "a string is no value of type `E`; expected a member of `E`"],
      ["enum E { A } const E a = ▸7", "warning: `E` names no member 7; expected one of its members"],
      ["enum E { A } const E a = ▸4294967296", "this number does not fit an enum; expected a member of `E`"],
      ["enum E { A } enum F { B } const E a = ▸F.B", "`F.B` is no value of type `E`; expected a member of `E`"],
      ["enum E { A = 300 } const i8 a = ▸E.A", "this number does not fit `i8`; expected -128 to 127"],
      ["enum E { A } const string a = ▸E.A", "`E.A` is no value of type `string`; expected a string in quotes"],
      ["enum E { A } enum F { A } const E a = ▸F.A", "`F.A` is no value of type `E`; expected a member of `E`"],
      ["enum E { A } const i32 a = ▸A", `unknown constant \`A\`; ${ownOrIncluded}`],
      [
        "struct S { 1: i32 a }\nconst S s = ▸5",
        'an integer is no value of type `S`; expected its fields, as in `{"name": value}`'
      ],
      ["struct S { 1: i32 a }\nconst S s = {▸'b': 1}", "warning: `S` has no field `b`: it is left out"],
      ["struct S { 1: i32 a }\nconst S s = {▸a: 1}", "`a` is no field's name; expected a name of `S` in quotes"],
      ["struct S { 1: i32 a }\nconst S s = {▸1: 1}", "an integer is no field's name; expected a name of `S` in quotes"],
      ["struct S { 1: i32 a }\nconst S s = {'a': ▸'x'}", "a string is no value of type `i32`; expected an integer"],
      ["struct S { 1: i32 a }\nconst S s = {'a': 1, ▸'a': 2}", "field `a` is given twice; expected it once"],
      [
        "struct S { 1: required i32 a, 2: required i32 b }\nconst S s = ▸{'a': 1}",
        "warning: this value of `S` lacks its required `b`; expected them all"
      ],
      ["struct S { 1: required i32 a = 5 }\nconst S s = {}"],
      [
        "struct S { 1: i32 a }\nconst S s = ▸[]",
        'a list is no value of type `S`; expected its fields, as in `{"name": value}`'
      ],
      ["const i32 a = ▸b", `unknown constant \`b\`; ${ownOrIncluded}`],
      ["const i32 a = ▸x.b", "unknown constant `x.b`; nothing is included as `x`"],
      ["const i32 a = ▸a", "constant `a` leads back to itself; expected a value"],
      ["const i32 a = b\nconst i32 b = ▸a", "constant `a` leads back to itself; expected a value"],
      ["const i32 a = b\nconst i32 b = c\nconst i32 c = ▸a", "constant `a` leads back to itself; expected a value"],
      [
        "const string a = 'x'\nconst i32 b = ▸a",
        "constant `a` has type `string`, which gives no `i32`: a string is no value of type `i32`; expected an integer"
      ],
      [
        "const i64 a = 5000000000\nconst i32 b = ▸a",
        "constant `a` has type `i64`, which gives no `i32`: this number does not fit `i32`; expected -2147483648 to 2147483647"
      ],
      ["const ▸Nope a = 5\nconst i32 b = a", `unknown type \`Nope\`; ${ownOrIncluded}`],
      ["const i32 a = ▸'x'\nconst i32 b = a", "a string is no value of type `i32`; expected an integer"],
      [
        {
          "t.thrift":
            "include 'x.thrift'\nconst i32 a = ▸x.b\nconst i32 c = ▸x.E.B\nconst x.E d = x.E.A\nconst x.E f = ▸x.F.A",
          "x.thrift": "enum E { A }"
        },
        "unknown constant `x.b`; expected a name that `x` declares",
        "unknown constant `x.E.B`; expected a member of `x.E`",
        "warning: `x.F.A` is read as `E.A`; expected that name"
      ],
      [
        "enum E { A, ▸B = 0 }\nconst map<E, i32> a = {E.A: 1, ▸E.B: 2}",
        "warning: `B` has the value 0, as `A` has (line 1); expected a value of its own",
        "warning: this key stands here already; expected each once"
      ],
      [
        "const map<string, i32> a = {'x': 1, 'y': 2, ▸'x': 3}",
        "warning: this key stands here already; expected each once"
      ],
      [
        "struct S { 1: T t }\nstruct T { 1: i64 a }\nconst S a = {'t': {'a': ▸9223372036854775808}}",
        "this number does not fit `i64`; expected -9223372036854775808 to 9223372036854775807"
      ],
      ["const binary a = 'x'\nconst string b = a"],
      [
        "union U { 1: string a }\nconst U u = ▸{▸'b': 'x'}",
        "union `U` holds one field, this value has 0; expected one",
        "warning: `U` has no field `b`: it is left out"
      ],
      ["const map<i32, i32> a = {1: 1, ▸1: 2}", "warning: this key stands here already; expected each once"],
      ["const set<i32> a = [1, ▸1]", "warning: this element stands here already; expected each once"]
    ]))

  it("defaults", () =>
    Thrifts.check([
      ["struct S { 1: i32 a = ▸'x' }", "a string is no value of type `i32`; expected an integer"],
      ["struct S { 1: i32 a = ▸2147483648 }", "this number does not fit `i32`; expected -2147483648 to 2147483647"],
      ["struct S { 1: list<i32> a = [▸'x'] }", "a string is no value of type `i32`; expected an integer"],
      [
        "struct T { 1: i32 a }\nstruct S { 1: T t = {'a': ▸'x'} }",
        "a string is no value of type `i32`; expected an integer"
      ],
      ["service S { void f(1: i32 a = ▸'x') }", "a string is no value of type `i32`; expected an integer"],
      ["enum E { A }\nstruct S { 1: E e = ▸E.B }", "unknown constant `E.B`; expected a member of `E`"],
      ["struct S { 1: string s = ▸nope }", `unknown constant \`nope\`; ${ownOrIncluded}`],
      ["struct S { 1: S s = ▸{} }", "the default of `s` needs itself: `s` -> `s`"],
      ["struct A { 1: B b = ▸{} }\nstruct B { 1: A a = {} }", "the default of `b` needs itself: `b` -> `a` -> `b`"],
      [
        "struct S { 1: i32 a, 2: S s = ▸c }\nconst S c = {'a': 5}",
        "the default of `s` needs itself: `s` -> `c` -> `s`"
      ],
      ["struct S { 1: i32 a, 2: list<S> s = [{'a': 1, 's': []}] }"],
      ["union U { 1: i32 a, 2: U u = {'a': 1} }"],
      ["struct S { 1: optional S s }\nconst S c = {'s': {}}"],
      [
        "struct ▸S { 1: required S s }",
        "warning: no value of `S` can be made, for its required fields need one: `S` -> `S`"
      ],
      ["struct S { 1: required list<S> s }"],
      ["struct S { 1: required U s }\nunion U { 1: S s, 2: i32 a }"],
      [
        "exception ▸X { 1: required X x }",
        "warning: no value of `X` can be made, for its required fields need one: `X` -> `X`"
      ],
      [
        "struct ▸A { 1: required B b }\nstruct B { 1: required A a }",
        "warning: no value of `A` can be made, for its required fields need one: `A` -> `B` -> `A`"
      ],
      [
        "exception X { 1: string message = ▸5 }",
        "an integer is no value of type `string`; expected a string in quotes"
      ],
      ["exception X {1: i32 a} service S { void f() throws (1: X x = {'a': 1}) }"]
    ]))

  it("circles and includes", () =>
    Thrifts.check([
      ["typedef A ▸A", "typedef `A` leads back to itself: A -> A"],
      ["typedef B A\ntypedef A ▸B", "typedef `B` leads back to itself: A -> B -> A"],
      ["typedef list<A> ▸A", "typedef `A` leads back to itself: A -> A"],
      ["typedef map<A, i32> ▸A", "typedef `A` leads back to itself: A -> A"],
      [
        "typedef B A\ntypedef C B\ntypedef A ▸C\nstruct S { 1: A a }",
        "typedef `C` leads back to itself: A -> B -> C -> A"
      ],
      [{ "t.thrift": "▸include 't.thrift'" }, "includes go in a circle: t.thrift -> t.thrift"],
      [
        {
          "t.thrift": "include 'a.thrift'\nstruct S { 1: a.A a }",
          "a.thrift": "▸include 't.thrift'\nstruct A { 1: t.S s }"
        },
        "includes go in a circle: t.thrift -> a.thrift -> t.thrift"
      ],
      [
        { "t.thrift": "include 'a.thrift'", "a.thrift": "include 'b.thrift'", "b.thrift": "▸include 'a.thrift'" },
        "includes go in a circle: a.thrift -> b.thrift -> a.thrift"
      ],
      [
        { "t.thrift": "▸include 'no.thrift'" },
        "warning: there is no file `no.thrift`; looked for `no.thrift`; nothing of it is used"
      ],
      [
        { "t.thrift": "▸include 'no.thrift'\nstruct S { 1: no.A a }" },
        "there is no file `no.thrift`; looked for `no.thrift`"
      ],
      [
        { "t.thrift": "▸include 'no.thrift'\nconst i32 a = no.B\nservice S extends no.T {}" },
        "there is no file `no.thrift`; looked for `no.thrift`"
      ],
      [
        {
          "t.thrift": "include 'd/a.thrift'\n▸include 'e/a.thrift'\nstruct S { 1: a.D d, 2: a.E e, 3: a.B b }",
          "d/a.thrift": "struct D {} struct B {}",
          "e/a.thrift": "struct E {} struct B {}"
        },
        "warning: names that begin with `a.` are looked for in `d/a.thrift` (line 1) first; expected a file of another name"
      ],
      [{ "t.thrift": "include 'd.thrift'\ninclude 'd.thrift'", "d.thrift": "struct D {}" }],
      [
        { "t.thrift": "include 'd.thrift'", "d.thrift": "struct D { 1: ▸Nope n }" },
        `unknown type \`Nope\`; ${ownOrIncluded}`
      ]
    ]))
})

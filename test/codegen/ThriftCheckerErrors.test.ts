import { describe, it } from "@effect/vitest"
import * as Thrifts from "./Thrifts.ts"

const ownOrIncluded = "expected a name that this file declares, or one of an included file with its prefix"

describe("what the Thrift checker refuses, or warns of", () => {
  it("names", () =>
    Thrifts.check([
      ["struct A {} struct ▸A {}", "`A` is declared already (line 1); expected another name"],
      ["struct A {}\nenum ▸A {}", "`A` is declared already (line 1); expected another name"],
      ["typedef i32 A\nstruct ▸A {}", "`A` is declared already (line 1); expected another name"],
      ["service S {} service ▸S {}", "`S` is declared already (line 1); expected another name"],
      ["const i32 a = 1 const i32 ▸a = 2", "`a` is declared already (line 1); expected another name"],
      ["enum E { A, ▸A }", "`A` is declared already (line 1); expected another name"],
      ["struct A { 1: i32 a, 2: i32 ▸a }", "struct `A` has a field `a` already (line 1); expected another name"],
      ["service S { void f(), void ▸f() }", "service `S` has a method `f` already (line 1); expected another name"],
      [
        "service S { void f(1: i32 a, 2: i32 ▸a) }",
        "method `f` has a field `a` already (line 1); expected another name"
      ],
      [
        "exception X {} service S { void f() throws (1: X a, 2: X ▸a) }",
        "`throws` of `f` has a field `a` already (line 1); expected another name"
      ],
      ["senum A {}\nstruct ▸A {}", "`A` is declared already (line 1); expected another name"],
      [
        "\n\nstruct A {\n  1: i32 a\n  2: i32 b\n  3: i32 ▸a\n}",
        "struct `A` has a field `a` already (line 4); expected another name"
      ],
      [
        "struct A {}\n\n\nstruct ▸A {}\nunion ▸A {}",
        "`A` is declared already (line 1); expected another name",
        "`A` is declared already (line 1); expected another name"
      ],
      ["struct A { 1: ▸B b }", `unknown type \`B\`; ${ownOrIncluded}`],
      ["struct A { 1: ▸x.B b }", "unknown type `x.B`; nothing is included as `x`"],
      [
        { "t.thrift": "include 'x.thrift'\nstruct A { 1: ▸x.B b }", "x.thrift": "" },
        "unknown type `x.B`; expected a name that `x` declares"
      ],
      ["struct A { 1: ▸void a }", "`void` is no type of a value; expected a type"],
      ["struct A { 1: ▸list a }", "`list` needs an element type, as in `list<string>`"],
      ["struct A { 1: ▸map a }", "`map` needs a key and a value type, as in `map<string, i32>`"],
      ["struct A { 1: ▸set a }", "`set` needs an element type, as in `set<string>`"],
      ["struct A { 1: ▸S s }\nservice S {}", "`S` is a service; expected a type"],
      ["typedef ▸void A", "`void` is no type of a value; expected a type"],
      ["service S { list<▸void> f() }", "`void` is no type of a value; expected a type"],
      ["service S extends ▸T {}", `unknown service \`T\`; ${ownOrIncluded}`],
      ["struct T {} service S extends ▸T {}", "`T` is a type; expected a service to extend"],
      ["service S extends ▸x.T {}", "unknown service `x.T`; nothing is included as `x`"],
      [
        "struct A { 1: list<map<▸B, set<▸C>>> b }",
        `unknown type \`B\`; ${ownOrIncluded}`,
        `unknown type \`C\`; ${ownOrIncluded}`
      ],
      [
        "service S { ▸B f(1: ▸C c) throws (1: ▸D d) }",
        `unknown type \`B\`; ${ownOrIncluded}`,
        `unknown type \`C\`; ${ownOrIncluded}`,
        `unknown type \`D\`; ${ownOrIncluded}`
      ],
      ["const ▸A a = {}", `unknown type \`A\`; ${ownOrIncluded}`],
      ["struct ▸string {}", "`string` is Thrift's own; expected another name"],
      ["enum ▸i32 {}", "`i32` is Thrift's own; expected another name"],
      ["typedef i64 ▸bool", "`bool` is Thrift's own; expected another name"],
      ["struct ▸void {}", "`void` is Thrift's own; expected another name"],
      ["const i32 ▸true = 1", "`true` is Thrift's own; expected another name"],
      ["struct i8 {}"],
      ["struct uuid {}"],
      ["struct slist {} struct list {} struct map {} struct set {}"],
      ["struct S {} service S {}"],
      ["struct S {} const i32 S = 1"]
    ]))

  it("field ids", () =>
    Thrifts.check([
      ["struct A { 1: i32 a, ▸1: i32 b }", "field id 1 is taken by `a` (line 1); expected an id of its own"],
      ["struct A { ▸32768: i32 a }", "this field id is out of range; expected 1 to 32767"],
      ["struct A { ▸-32769: i32 a }", "this field id is out of range; expected 1 to 32767"],
      [
        "struct A { ▸0: i32 a }",
        "warning: field id 0 is not positive: other compilers give the field another; expected 1 to 32767"
      ],
      [
        "struct A { ▸-1: i32 a }",
        "warning: field id -1 is not positive: other compilers give the field another; expected 1 to 32767"
      ],
      ["struct A { i32 a, ▸-1: i32 b }", "field id -1 is taken by `a` (line 1); expected an id of its own"],
      [
        "struct A { ▸-1: i32 b, i32 a }",
        "warning: field id -1 is not positive: other compilers give the field another; expected 1 to 32767"
      ],
      [
        "struct A { ▸99999999999999999999999999999999999999999999999999: i32 a }",
        "this field id is out of range; expected 1 to 32767"
      ],
      ["struct A { 0x7fff: i32 a }"],
      ["struct A { ▸0x8000: i32 a }", "this field id is out of range; expected 1 to 32767"],
      [
        "exception X {} service S { void f() throws (▸0: X a) }",
        "field id 0 is taken by the result; expected another id"
      ],
      [
        "exception X {} service S { void f() throws (1: X a, ▸1: X b) }",
        "field id 1 is taken by `a` (line 1); expected an id of its own"
      ],
      ["service S { void f(1: i32 a, ▸1: i32 b) }", "field id 1 is taken by `a` (line 1); expected an id of its own"],
      [
        "struct A { 1: i32 a, ▸1: i32 b, ▸1: i32 c }",
        "field id 1 is taken by `a` (line 1); expected an id of its own",
        "field id 1 is taken by `a` (line 1); expected an id of its own"
      ]
    ]))

  it("numbers of enum members", () =>
    Thrifts.check([
      ["enum E { A = ▸2147483648 }", "this enum value does not fit 32 bits; expected -2147483648 to 2147483647"],
      ["enum E { A = ▸-2147483649 }", "this enum value does not fit 32 bits; expected -2147483648 to 2147483647"],
      ["enum E { A = 2147483647, ▸B }", "this enum value does not fit 32 bits; expected -2147483648 to 2147483647"],
      ["enum E { A = ▸0x100000000 }", "this enum value does not fit 32 bits; expected -2147483648 to 2147483647"],
      ["enum E { A = 1, ▸B = 1 }", "warning: `B` has the value 1, as `A` has (line 1); expected a value of its own"],
      ["enum E { A = 1, B = 0, ▸C }", "warning: `C` has the value 1, as `A` has (line 1); expected a value of its own"]
    ]))

  it("methods and inheritance", () =>
    Thrifts.check([
      ["service S { oneway ▸i32 f() }", "oneway method `f` gets no reply and cannot return a result; expected `void`"],
      [
        "service S { async ▸list<i32> f() }",
        "oneway method `f` gets no reply and cannot return a result; expected `void`"
      ],
      [
        "exception X {} service S { oneway void f() throws (1: X ▸x) }",
        "oneway method `f` gets no reply and cannot throw; expected no `throws`"
      ],
      [
        "exception X {} service S { oneway ▸i32 f() throws (1: X ▸x) }",
        "oneway method `f` gets no reply and cannot return a result; expected `void`",
        "oneway method `f` gets no reply and cannot throw; expected no `throws`"
      ],
      [
        "struct A {} service S { void f() throws (1: ▸A a) }",
        "`A` is no exception and cannot be thrown; expected an exception"
      ],
      [
        "enum E {} service S { void f() throws (1: ▸E a) }",
        "`E` is no exception and cannot be thrown; expected an exception"
      ],
      [
        "service S { void f() throws (1: ▸string a) }",
        "warning: `string` is no exception and cannot be thrown: `a` is left out"
      ],
      [
        "typedef string T service S { void f() throws (1: ▸T a) }",
        "warning: `T` is no exception and cannot be thrown: `a` is left out"
      ],
      [
        "exception X {} service S { void f() throws (1: ▸list<X> a) }",
        "`list<X>` is no exception and cannot be thrown; expected an exception"
      ],
      [
        "union U {} service S { void f() throws (1: ▸U a) }",
        "`U` is no exception and cannot be thrown; expected an exception"
      ],
      ["service S extends ▸S {}", "service `S` leads back to itself: S -> S"],
      ["service A extends ▸B {}\nservice B extends A {}", "service `A` leads back to itself: A -> B -> A"],
      [
        "service A extends B {}\nservice B extends ▸C {}\nservice C extends B {}",
        "service `B` leads back to itself: B -> C -> B"
      ],
      [
        "service A { void f() }\nservice B extends A { void ▸f() }",
        "warning: method `f` hides the one that `A` declares; expected another name"
      ],
      [
        "service A { void f() }\nservice B extends A {}\nservice C extends B { i32 ▸f() }",
        "warning: method `f` hides the one that `A` declares; expected another name"
      ],
      [
        { "t.thrift": "include 'x.thrift'\nservice B extends x.A { void ▸f() }", "x.thrift": "service A { void f() }" },
        "warning: method `f` hides the one that `A` declares; expected another name"
      ]
    ]))

  it("unions", () =>
    Thrifts.check([
      [
        "union U { 1: required i32 ▸a }",
        "field `a` of a union cannot be required, for a union holds one field; expected none"
      ],
      ["union U { 1: i32 a = 1, 2: i32 b = ▸2 }", "union `U` has a default already; expected one at most"],
      ["union U { 1: i32 a, 2: i32 b }\nconst U u = ▸{}", "union `U` holds one field, this value has 0; expected one"],
      [
        "union U { 1: i32 a, 2: i32 b }\nconst U u = ▸{'a': 1, 'b': 2}",
        "union `U` holds one field, this value has 2; expected one"
      ],
      ["union U { 1: i32 a = 5 }"]
    ]))
})

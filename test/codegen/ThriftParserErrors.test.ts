import { describe, it } from "@effect/vitest"
import * as Thrifts from "./Thrifts.ts"

const declaration = "a declaration (`struct`, `union`, `exception`, `enum`, `service`, `const`, `typedef`) or a header"
const ownOrIncluded = "expected a name that this file declares, or one of an included file with its prefix"

describe("what the Thrift parser refuses", () => {
  it("what is no token", () =>
    Thrifts.check([
      ["struct A { 1: i32 a = ▸§ }", "expected a value, found `§`"],
      ["▸/* never closed\nstruct A {}", "this comment is never closed; expected `*/`"],
      ['const string a = ▸"open\nstruct A {}', 'this string is never closed; expected `"`'],
      ["const string a = ▸'open", "this string is never closed; expected `'`"],
      ["struct A { 1: i32 a ▸\u0000\u0000\u0000 2: i32 b }", "expected a type, found the character U+0000"],
      ["struct ▸Ä {}", "expected the struct's name, found `Ä`"],
      [
        "▸@Meta struct A {}",
        `expected ${declaration}, found \`@\`; \`@\` annotations belong to Meta's fbthrift, which is another language`
      ],
      [
        "struct A { ▸@Meta 1: i32 a }",
        "expected a type, found `@`; `@` annotations belong to Meta's fbthrift, which is another language"
      ],
      ["const i32 a = 0▸x", `expected ${declaration}, found \`x\``],
      ["const i32 a = ▸-", "expected a value, found `-`"],
      ["struct A { 1: i32 a = ▸}", "expected a value, found `}`"]
    ]))

  it("headers", () =>
    Thrifts.check([
      ["include▸", "expected the path of the file to include, a string, found the end of the file"],
      ["include ▸a", "expected the path of the file to include, a string, found `a`"],
      ["include ▸<a>", "expected the path of the file to include, a string, found `<`"],
      ["cpp_include▸", "expected the path of the C++ header, a string, found the end of the file"],
      ["cpp_include ▸a", "expected the path of the C++ header, a string, found `a`"],
      ["namespace▸", "expected a language, or `*` for all of them, found the end of the file"],
      ["namespace js▸", "expected the namespace, found the end of the file"],
      ["namespace js ▸{", "expected the namespace, found `{`"],
      ["namespace ▸5 a", "expected a language, or `*` for all of them, found `5`"],
      ["php_namespace▸", "expected the namespace, found the end of the file"],
      ["php_namespace ▸1", "expected the namespace, found `1`"],
      [
        { "t.thrift": "include 'a.thrift'▸;\nstruct A {}", "a.thrift": "" },
        "an include takes no `;`; expected the next header or declaration"
      ],
      ["▸package a", `expected ${declaration}, found \`package\``],
      ["▸hello world", `expected ${declaration}, found \`hello\``],
      ["struct A {} ▸}", `expected ${declaration}, found \`}\``],
      ["▸5", `expected ${declaration}, found \`5\``],
      ["▸'a'", `expected ${declaration}, found a string`]
    ]))

  it("declarations", () =>
    Thrifts.check([
      ["struct▸", "expected the struct's name, found the end of the file"],
      ["struct ▸{}", "expected the struct's name, found `{`"],
      ["struct A▸", "expected `{` after the struct's name, found the end of the file"],
      ["struct A {▸", "expected `}` to close struct `A`, found the end of the file"],
      ["struct A { 1: i32 a▸", "expected `}` to close struct `A`, found the end of the file"],
      ["union U ▸}", "expected `{` after the union's name, found `}`"],
      ["exception ▸{ }", "expected the exception's name, found `{`"],
      ["struct A ▸: B {}", "expected `{` after the struct's name, found `:`"],
      ["struct A ▸extends B {}", "expected `{` after the struct's name, found `extends`"],
      ["enum▸", "expected the enum's name, found the end of the file"],
      ["enum ▸{}", "expected the enum's name, found `{`"],
      ["enum E▸", "expected `{` after the enum's name, found the end of the file"],
      ["enum E {▸", "expected `}` to close enum `E`, found the end of the file"],
      ["enum E { A = ▸}", "expected the member's value, an integer, found `}`"],
      ["enum E { A = ▸B }", "expected the member's value, an integer, found `B`"],
      ["enum E { A = ▸1.5 }", "expected the member's value, an integer, found `1.5`"],
      ["enum E { A = ▸'a' }", "expected the member's value, an integer, found a string"],
      ["enum E { ▸1 }", "expected an enum member's name, found `1`"],
      ["enum E { A B = ▸}", "expected the member's value, an integer, found `}`"],
      ["senum S { ▸a }", "expected a string, found `a`"],
      ["senum S {▸", "expected `}` to close senum `S`, found the end of the file"],
      ["senum ▸{ }", "expected the senum's name, found `{`"],
      ["const▸", "expected a type, found the end of the file"],
      ["const i32▸", "expected the constant's name, found the end of the file"],
      ["const i32 a▸", "expected `=` after the constant's name, found the end of the file"],
      ["const i32 a =▸", "expected a value, found the end of the file"],
      ["const i32 a ▸5", "expected `=` after the constant's name, found `5`"],
      ["const i32 ▸= 5", "expected the constant's name, found `=`"],
      ["const list<i32> a = [1, 2▸", "expected a value or `]`, found the end of the file"],
      ["const map<i32,i32> a = {1: 2▸", "expected a key or `}`, found the end of the file"],
      ["const map<i32,i32> a = {1▸}", "expected `:` between a key and its value, found `}`"],
      ["const map<i32,i32> a = {1:▸}", "expected a value, found `}`"],
      ["const list<i32> a = [▸=]", "expected a value or `]`, found `=`"],
      ["typedef▸", "expected a type, found the end of the file"],
      ["typedef i32▸", "expected the new type's name, found the end of the file"],
      ["typedef i32 ▸5", "expected the new type's name, found `5`"],
      ["typedef ▸list a", "`list` needs an element type, as in `list<string>`"],
      ["typedef list< a▸", "expected `>` after the list's element type, found the end of the file"],
      ["typedef list<i32 ▸a", "expected `>` after the list's element type, found `a`"],
      ["typedef map<i32▸> a", "expected `,` between the map's key and value type, found `>`"],
      ["typedef map<i32,▸> a", "expected a type, found `>`"],
      ["typedef map<i32,i32 ▸a", "expected `>` after the map's value type, found `a`"],
      ["typedef ▸Foo<i32> a", "`Foo` takes no type arguments; expected `list`, `set` or `map`"],
      ["typedef set<▸> a", "expected a type, found `>`"],
      ["service▸", "expected the service's name, found the end of the file"],
      ["service ▸{}", "expected the service's name, found `{`"],
      ["service S▸", "expected `{` after the service's name, found the end of the file"],
      ["service S {▸", "expected `}` to close service `S`, found the end of the file"],
      ["service S extends ▸{}", "expected the name of the service to extend, found `{`"],
      ["service S { void ▸}", "expected the method's name, found `}`"],
      ["service S { void f ▸}", "expected `(` after the method's name, found `}`"],
      ["service S { void f( ▸}", "expected `)` to close the arguments of `f`, found `}`"],
      ["service S { void f() throws ▸}", "expected `(` after `throws`, found `}`"],
      ["service S { void f() throws (1: ▸}", "expected a type, found `}`"],
      ["service S { f() ▸}", "expected the method's name, found `}`"],
      ["service S { void f(1: i32▸) }", "expected the field's name, found `)`"],
      ["service S { ▸oneway f() }", `unknown type \`oneway\`; ${ownOrIncluded}`],
      ["service S { ▸1: void f() }", "expected a type, found `1`"]
    ]))

  it("fields and annotations", () =>
    Thrifts.check([
      ["struct A { 1 ▸i32 a }", "expected `:` after the field's id, found `i32`"],
      ["struct A { 1: ▸}", "expected a type, found `}`"],
      ["struct A { 1: i32 ▸}", "expected the field's name, found `}`"],
      ["struct A { i32 ▸}", "expected the field's name, found `}`"],
      ["struct A { 1: required a ▸}", "expected the field's name, found `}`"],
      ["struct A { a▸: i32 b }", "expected the field's name, found `:`"],
      ["struct A { ▸1.5: i32 b }", "expected a type, found `1.5`"],
      ["struct A { 1: i32 a (b = ▸) }", "expected the annotation's value, a string, found `)`"],
      ["struct A { 1: i32 a (▸= 'b') }", "expected an annotation's name or `)`, found `=`"],
      ["struct A { 1: i32 a (b = 'c' ▸}", "expected an annotation's name or `)`, found `}`"],
      ["struct A { 1: i32 a (b = ▸[1]) }", "expected the annotation's value, a string, found `[`"],
      [
        "struct A { 1: i32 a xsd_attrs { 1: ▸}▸",
        "expected a type, found `}`",
        "expected `}` to close struct `A`, found the end of the file"
      ]
    ]))

  it("after an error the next item or declaration counts again, and all errors are told", () =>
    Thrifts.check([
      [
        "struct A {\n  1: i32 a ▸b c\n  2: i32 ▸= 5\n  3: string ok\n}\nstruct B {\n  1: ▸Nope x\n}\nconst i32 ▸= 7\nenum E { X = ▸y, Z }\nservice S {\n  void f(\n  ▸void g()\n▸}\n",
        `unknown type \`b\`; ${ownOrIncluded}`,
        "expected the field's name, found `=`",
        `unknown type \`Nope\`; ${ownOrIncluded}`,
        "expected the constant's name, found `=`",
        "expected the member's value, an integer, found `y`",
        "`void` is no type of a value; expected a type",
        "expected `)` to close the arguments of `f`, found `}`"
      ],
      [
        "struct A {\n  1: i32 a\n\n▸struct B {\n  1: ▸Nope a\n}\n",
        "expected `}` to close struct `A`, found `struct`",
        `unknown type \`Nope\`; ${ownOrIncluded}`
      ],
      [
        "service S {\n  void f(1: i32 a\n▸}\nstruct B {\n  1: ▸Nope a\n}\n",
        "expected `)` to close the arguments of `f`, found `}`",
        `unknown type \`Nope\`; ${ownOrIncluded}`
      ],
      [
        "▸strct A {\n  1: i32 a\n}\nstruct B {\n  1: ▸Nope a\n}\n",
        `expected ${declaration}, found \`strct\``,
        `unknown type \`Nope\`; ${ownOrIncluded}`
      ],
      [
        "struct A { 1: i32 a, ▸1: i32 ▸a, 3: ▸Nope b, ▸99999: i32 c }",
        "field id 1 is taken by `a` (line 1); expected an id of its own",
        "struct `A` has a field `a` already (line 1); expected another name",
        `unknown type \`Nope\`; ${ownOrIncluded}`,
        "this field id is out of range; expected 1 to 32767"
      ],
      [
        "typedef i32\n▸const i32 a = ▸Nope\nenum E {\n  A =▸,\n  B = 1,\n  ▸B = 2\n}\nexception X {\n  1: i32\n  ▸2: X x,\n  ▸2: ▸Gone y\n}",
        "expected the new type's name, found `const`",
        `unknown constant \`Nope\`; ${ownOrIncluded}`,
        "expected the member's value, an integer, found `,`",
        "`B` is declared already (line 5); expected another name",
        "expected the field's name, found `2`",
        "field id 2 is taken by `x` (line 10); expected an id of its own",
        `unknown type \`Gone\`; ${ownOrIncluded}`
      ],
      [
        "service S {\n  void f(1: i32 a b▸: i32 c),\n  void g(1: ▸Gone a)\n}",
        "expected the field's name, found `:`",
        `unknown type \`Gone\`; ${ownOrIncluded}`
      ],
      [
        "struct ▸{\n 1: i32 a\n}\nstruct B { 1: ▸A a, 2: ▸Other b }",
        "expected the struct's name, found `{`",
        `unknown type \`A\`; ${ownOrIncluded}`,
        `unknown type \`Other\`; ${ownOrIncluded}`
      ],
      [
        "const i32 a = 1 ▸= 2\nconst i32 b = a ▸b = 3\nconst i32 c = ▸'x'",
        `expected ${declaration}, found \`=\``,
        `expected ${declaration}, found \`b\``,
        "a string is no value of type `i32`; expected an integer"
      ]
    ]))
})

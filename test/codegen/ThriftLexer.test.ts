import { assert, describe, it } from "@effect/vitest"
import * as Source from "../../src/codegen/Source.ts"
import * as ThriftLexer from "../../src/codegen/ThriftLexer.ts"

const lex = (text: string) => ThriftLexer.tokenize(Source.make("t.thrift", text))

/** `kind text` of every token but the end. */
const tokens = (text: string): ReadonlyArray<string> =>
  lex(text)
    .tokens.slice(0, -1)
    .map(({ kind, text: written }) => `${kind} ${written}`)

describe("tokens", () => {
  it("words, with dots within them only", () => {
    assert.deepStrictEqual(tokens("a _b a1 a.b.c a. b .c"), [
      "word a",
      "word _b",
      "word a1",
      "word a.b.c",
      "word a",
      "symbol .",
      "word b",
      "symbol .",
      "word c"
    ])
  })

  it("numbers", () => {
    assert.deepStrictEqual(tokens("0 -1 +2 0x1F -0Xa 1.5 .5 5. 1e3 -1.5E-3 1e 1.e2"), [
      "int 0",
      "int -1",
      "int +2",
      "int 0x1F",
      "int -0Xa",
      "double 1.5",
      "double .5",
      "double 5.",
      "double 1e3",
      "double -1.5E-3",
      "int 1",
      "word e",
      "double 1.e2"
    ])
  })

  it("strings in both quotes, over lines, with escapes resolved", () => {
    assert.deepStrictEqual(tokens(String.raw`"a" 'b"c' "\"" '\'' "\\" ''`), [
      "string a",
      'string b"c',
      'string "',
      "string '",
      "string \\",
      "string "
    ])
    assert.deepStrictEqual(tokens("'a\nb'"), ["string a\nb"])
    assert.deepStrictEqual(tokens(String.raw`'\x4' '\u12' '\u{110000}' '\q' '\é'`), [
      String.raw`string \x4`,
      String.raw`string \u12`,
      String.raw`string \u{110000}`,
      String.raw`string \q`,
      String.raw`string \é`
    ])
  })

  it("symbols, and runs of what is none", () =>
    assert.deepStrictEqual(tokens("{}()[]<>,;:=*& §§ 😀😀 @"), [
      ..."{}()[]<>,;:=*&".split("").map((sign) => `symbol ${sign}`),
      "symbol §",
      "symbol 😀",
      "symbol @"
    ]))

  it("a byte order mark and every kind of white space are none", () =>
    assert.deepStrictEqual(tokens("\ufeffa\t\v\f\r\n\u00a0\u3000b"), ["word a", "word b"]))

  it("places are offsets in the text", () => {
    const [a, b, end] = lex("ab 'c'").tokens
    assert.deepStrictEqual(
      [a, b, end].map((each) => [each!.start, each!.end]),
      [
        [0, 2],
        [3, 6],
        [6, 6]
      ]
    )
  })

  it("comments are kept with the token that they stand before", () => {
    const [a, b, end] = lex("// one\n# two\na /* three */ /** four */ b /**/ // five").tokens
    assert.deepStrictEqual(
      [a, b, end].map((each) => each!.comments.map(({ style }) => style)),
      [
        ["line", "line"],
        ["block", "doc"],
        ["block", "line"]
      ]
    )
  })
})

describe("what is broken", () => {
  it("a string that is not closed ends with its line, and the rest is read", () => {
    const { diagnostics } = lex("'a'\nb 'c\nd")
    assert.deepStrictEqual(
      diagnostics.map(({ message, position }) => `${position.line}:${position.column} ${message}`),
      ["2:3 this string is never closed; expected `'`"]
    )
    assert.deepStrictEqual(tokens('a "b\nc "d" e "f\ng'), [
      "word a",
      "string b\nc ",
      "word d",
      "string  e ",
      "word f",
      "word g"
    ])
    assert.deepStrictEqual(tokens("'a"), ["string a"])
    assert.deepStrictEqual(tokens("'a\\"), ["string a\\"])
  })

  it("a comment that is not closed ends with the file", () => {
    const { diagnostics, tokens: found } = lex("a /* b\nc")
    assert.deepStrictEqual(
      diagnostics.map(({ message, position }) => `${position.line}:${position.column} ${message}`),
      ["1:3 this comment is never closed; expected `*/`"]
    )
    assert.strictEqual(found.length, 2)
  })
})

describe("integers", () => {
  it("are exact", () => {
    assert.strictEqual(ThriftLexer.toBigInt("-9223372036854775808"), -(2n ** 63n))
    assert.strictEqual(ThriftLexer.toBigInt("0xFFFFFFFFFFFFFFFF"), 2n ** 64n - 1n)
    assert.strictEqual(ThriftLexer.toBigInt("-0x10"), -16n)
    assert.strictEqual(ThriftLexer.toBigInt("+0010"), 10n)
  })

  it("of absurd length fit nothing, whatever their sign", () => {
    assert.isAbove(Number(ThriftLexer.toBigInt("9".repeat(100_000))), 2 ** 64)
    assert.isBelow(Number(ThriftLexer.toBigInt(`-${"9".repeat(100_000)}`)), -(2 ** 64))
    assert.strictEqual(ThriftLexer.toBigInt(`${"0".repeat(100)}7`), 7n)
  })
})

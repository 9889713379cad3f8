/*
 * Everything the IDL has, once.
 */
namespace java not.this.one
namespace volant acme.kitchen

include "common/base.thrift"

// A recursive type.
struct Node {
  1: i32 value
  2: optional Node next
  3: optional list<Node> children
  4: optional map<string, Node> named
}

/** Every scalar. */
struct Scalars {
  1: bool flag
  2: i8 tiny
  3: byte older
  4: i16 small
  5: i32 plain
  6: i64 wide
  7: double real
  8: string text
  9: binary raw
  10: uuid id
  11: base.Level level
  12: base.Stamp stamp
  13: base.Millis millis
  14: i64 counted (js.type = "number")
  15: i64 (js.type = "number") inline
}

struct Required {
  1: required bool flag
  2: required i8 tiny
  3: required i16 small
  4: required i32 plain
  5: required i64 wide
  6: required double real
  7: required string text
  8: required binary raw
  9: required uuid id
  10: required base.Level level
  11: required Node node
  12: required list<i32> numbers
}

struct Containers {
  1: list<bool> flags
  2: list<base.Level> levels
  3: set<string> words
  4: set<i64> stamps
  5: set<base.Level> chosen
  6: set<Node> nodes
  7: set<list<i32>> rows
  8: map<string, i64> counts
  9: map<i64, base.Page> pages
  10: map<base.Level, list<set<double>>> deep
  11: list<list<list<uuid>>> cube
  12: base.Index index
  13: list<Choice> choices
  14: map<string, map<i8, binary>> nested
  15: list<i64 (js.type = "number")> numbers
  16: map<i64 (volant.type = "number"), bool> switches
}

union Choice {
  1: i32 number
  /** A text. */
  2: string text
  3: list<Choice> several
  4: Node node
  5: bool flag
  6: base.Denied denied
  7: map<string, Choice> named
}

union Nothing {}

struct Blank {}

exception Failed {
  1: i32 code
  2: string message
  3: optional Choice detail
  4: optional i32 times = 3
}

exception Plain {}

const list<i32> NUMBERS = [1, 2, 3]
const map<string, list<i64>> TABLE = {"a": [1], "b": []}
const base.Page FIRST = {"cursor": "start"}
const Choice CHOSEN = {"text": "it's \"quoted\""}
const set<string> WORDS = ["x", "y"]
const double PI = 3.14159
const double TINY = 1e-9
const string GREETING = "héllo\n"
const i64 HUGE = 9223372036854775807
const base.Level PREFERRED = base.USUAL
const bool YES = true

struct Defaults {
  1: i32 limit = base.LIMIT
  2: required string greeting = GREETING
  3: optional list<i32> numbers = NUMBERS
  4: base.Level level = base.Level.LOW
  5: base.Page page = {"size": 3}
  6: i64 huge = HUGE
  7: map<string, string> pairs = {"k": "v"}
  8: set<i64> few = [1, 2]
  9: double half = 0.5
  10: Choice choice = {"number": 4}
  11: binary raw = "ab"
  12: i64 counted = 5 (js.type = "number")
  13: optional list<Node> nodes = [{"value": 1}]
}

service Kitchen extends base.Health {
  /**
   * Cooks.
   * For long.
   */
  Choice cook(1: Node recipe, 2: optional i32 minutes, 3: i32 servings = 2) throws (1: Failed failed, 2: base.Denied denied)
  void clean() throws (1: Plain plain)
  void wipe(5: string what, 2: list<i32> where)
  list<map<string, i64>> stock(1: set<i64> ids) (idempotent)
  i64 time() (js.type = "number")
  oneway void ring(1: required Blank bell)
}

/** What several files share. */
namespace js acme.common

enum Level { LOW = 1, HIGH = 2 }

typedef i64 Stamp
typedef i64 Millis (js.type = "number")
typedef map<string, list<Stamp>> Index

const i32 LIMIT = 10
const Level USUAL = Level.HIGH

struct Page {
  1: required i32 size = LIMIT
  2: optional string cursor
}

exception Denied {
  1: required string message
  2: optional string name
  3: optional i32 stack
}

/** Health, for everyone. */
service Health {
  /** Whether it is well. */
  bool healthy() (volant.idempotent = "true")
  oneway void note(1: string text)
}

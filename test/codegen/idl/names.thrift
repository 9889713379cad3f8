namespace * odd.names

struct Map { 1: map<string, i32> map, 2: set<i32> set, 3: list<i32> list }
struct Set { 1: required i32 size, 2: list<list<string>> i }
struct Array { 1: i32 length }
struct Binary { 1: string key, 2: map<i32, i32> item, 3: binary Uint8Array }
struct Compact { 1: i32 head, 2: i32 fieldId, 3: i32 fieldType, 4: i32 reader, 5: i32 writer, 6: i32 value, 7: i32 last }
struct Message { 1: i32 class, 2: i32 default, 3: i32 new, 4: i32 constructor, 5: i32 __proto__, 6: i32 toString }
struct Type { 1: i32 undefined, 2: i32 arguments, 3: i32 eval, 4: i32 await, 5: i32 then }
struct Reader { 1: i32 created_at, 2: i32 CreatedAt, 3: i32 createdAt, 4: i32 ID, 5: i32 URLPath, 6: i32 HTTP_CODE, 7: i32 _x, 8: i32 y_ }
struct Result { 1: i32 success, 2: i32 failure }
struct Writer { 1: Reader r }
struct string_ { 1: i32 a }
struct interface { 1: i32 b }
struct Method { 1: optional Contract contract }
struct Contract { 1: optional Method method }
struct encodeMapBinary { 1: i32 c }
struct globalThis { 1: i32 d }
struct ReadonlyMap { 1: map<i32, set<i64>> e, 2: map<i32, list<binary>> f }
enum Uint8Array { A = 1, B = -2147483648, default = 3 }
exception Error { 1: string message, 2: string name, 3: i32 cause, 4: string _tag, 5: i32 code }
exception Odd { 1: i32 message, 2: i32 name }
exception TaggedException { 1: required string message }
union unknownFields { 1: i32 _tag, 2: string value, 3: i32 class, 4: unknownFields self }
const map<string, i32> string = {"a": 1}

service Names {
  Result delete(1: Writer class, 2: Map Map) throws (1: Error error, 2: TaggedException value)
  Reader Result(1: string Result)
  void toString(1: i32 toString)
  void Get_Item()
  void getItem()
}
service NamesGetItemArgs {}

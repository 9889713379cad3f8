namespace * volant.example

/** A thing that has a name and says something. */
struct Item {
  1: required i64 id
  2: required string title
  3: required string content
}

struct GetItemRequest {
  1: required i64 id
}

struct GetItemResponse {
  1: required Item item
}

/** There is no item with this id. */
exception NotFound {
  1: required i64 id
}

service ItemService {
  /** Reading an item twice is as good as once, so a lost call may be made again. */
  GetItemResponse GetItem(1: required GetItemRequest req) throws (1: NotFound notFound) (idempotent)
}

namespace * rolling

struct Answer {
  1: required i64 id
  /** The process that answered. */
  2: required i32 pid
}

service Worker {
  /** Answers after so many milliseconds. */
  Answer work(1: required i64 id, 2: required i32 millis) (idempotent)
  /** The same, but a call that was sent must not be sent again. */
  Answer once(1: required i64 id, 2: required i32 millis)
}

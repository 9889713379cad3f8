/** Node and nothing else: what start memory is compared with. */
import { answer } from "../Answers.ts"

setInterval(() => {}, 1_000_000)
console.log("started")
answer()

// Prints the modules that `import "volant/thrift"` loads, as JSON.
import { registerHooks } from "node:module"

const urls: Array<string> = []
registerHooks({
  load: (url, context, next) => {
    urls.push(url)
    return next(url, context)
  }
})
await import("volant/thrift")
console.log(JSON.stringify(urls.filter((url) => url.startsWith("file:"))))

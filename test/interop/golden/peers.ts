/** Apache Thrift over golden.Svc: Python and JavaScript peers, and C++ of Debian. */
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { revision, step } from "../Build.ts"
import * as Peer from "../Peer.ts"
import type { Command } from "../Processes.ts"

const file = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
const idl = file("../../golden/idl/golden.thrift")
const sources = {
  py: file("../peers/golden-peer.py"),
  js: file("../peers/golden-peer.cjs"),
  cpp: file("../peers/golden-peer.cpp")
}
/** Debian's own Python, which Debian's python3-thrift belongs to; another one may come first in PATH. */
const python = "/usr/bin/python3"

const thrift = (generator: string, out: string, path: string) =>
  step({ command: "thrift", args: ["-nowarn", "--gen", generator, "-out", out, path] })

/** python3-thrift and the development dependency `thrift` of npm. */
export const script: Peer.Peer = {
  name: "golden-script",
  debian: ["thrift-compiler", "python3-thrift"],
  revision: revision("1", idl),
  prepare: async (directory) => {
    const js = join(directory, "js")
    mkdirSync(js)
    await thrift("py", directory, idl)
    // npm's thrift has no Q any more, so its code must use promises.
    await thrift("js:node,es6", js, idl)
    symlinkSync(file("../../../node_modules"), join(js, "node_modules"))
    await step({ command: python, args: ["-c", "import thrift"] })
  }
}

/** Debian's libthrift: TNonblockingServer over framed, TThreadedServer over buffered. */
export const cpp: Peer.Peer = {
  name: "golden-cpp",
  debian: ["thrift-compiler", "libthrift-dev", "libevent-dev", "libboost-dev", "g++"],
  revision: revision("1", idl, sources.cpp),
  prepare: async (directory) => {
    const copy = join(directory, "golden.thrift")
    // C++ holds structs by value, so a struct that contains itself needs the compiler's reference mark.
    writeFileSync(copy, readFileSync(idl, "utf8").replaceAll("optional Tree ", "optional Tree & "))
    await thrift("cpp:no_skeleton", directory, copy)
    const generated = ["Base.cpp", "Svc.cpp", "golden_types.cpp"].map((name) => join(directory, name))
    const libraries = ["-lthrift", "-lthriftnb", "-levent", "-lpthread"]
    const args = ["-std=c++17", "-w", `-I${directory}`, sources.cpp, ...generated, "-o", join(directory, "peer")]
    await step({ command: "g++", args: [...args, ...libraries] })
  }
}

/** `py-c` is Python with the library's codecs in C. */
export type Language = "py" | "py-c" | "js" | "cpp"
export type Role = "client" | "server"

export interface Form {
  /** `binary-nonstrict` is the older Binary without version; only some clients speak it. */
  readonly protocol: "binary" | "compact" | "binary-nonstrict"
  readonly transport: "framed" | "buffered"
  readonly multiplexed: boolean
}

export const languages: ReadonlyArray<Language> = ["py", "py-c", "js", "cpp"]

export const forms: ReadonlyArray<Form> = (["binary", "compact"] as const).flatMap((protocol) =>
  (["framed", "buffered"] as const).flatMap((transport) =>
    [false, true].map((multiplexed) => ({ protocol, transport, multiplexed }))
  )
)

const nonstrict: ReadonlyArray<Form> = (["framed", "buffered"] as const).map((transport) => ({
  protocol: "binary-nonstrict",
  transport,
  multiplexed: false
}))

/** Of our clients' protocols Binary is always strict, so only other clients come with the older form. */
export const formsOf = (language: Language, role: Role): ReadonlyArray<Form> =>
  language === "cpp" && role === "client" ? [...forms, ...nonstrict] : forms

export const show = (form: Form): string => `${form.protocol}/${form.transport}${form.multiplexed ? "/mux" : ""}`

const accelerated = { binary: "accel", compact: "accelc", "binary-nonstrict": "accel" } as const

/** The command of one peer, or undefined when it could not be built. */
export const command = (language: Language, role: Role, port: number, form: Form): Command | undefined => {
  const directory = Peer.directory(language === "cpp" ? cpp.name : script.name)
  if (directory === undefined) return undefined
  const protocol = language === "py-c" ? accelerated[form.protocol] : form.protocol
  const args = [role, String(port), protocol, form.transport, ...(form.multiplexed ? ["mux"] : [])]
  switch (language) {
    case "py":
    case "py-c":
      return { command: python, args: ["-W", "ignore", sources.py, ...args], env: { GEN: directory } }
    case "js":
      return {
        command: process.execPath,
        args: ["--no-deprecation", sources.js, ...args],
        env: { GEN: join(directory, "js"), NODE_OPTIONS: "" }
      }
    case "cpp":
      return { command: join(directory, "peer"), args }
  }
}

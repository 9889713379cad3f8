/**
 * Apache Thrift's own cross-test programs over ThriftTest, in C++, Python and Go. Go's module proxy has Apache's whole source tree
 * as a module; C++ and Python run on Debian's libraries of the same version.
 */
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { revision, step } from "../Build.ts"
import * as Peer from "../Peer.ts"
import type { Command } from "../Processes.ts"

/** Debian 12's version, so that sources, compiler and libraries agree. It knows no uuid. */
const release = "github.com/apache/thrift@v0.17.0"
const newestRelease = "github.com/apache/thrift@v0.24.0"

const sources = async (module: string): Promise<string> => {
  const output = await step({ command: "go", args: ["mod", "download", "-json", module] })
  const parsed: unknown = JSON.parse(output)
  if (typeof parsed === "object" && parsed !== null && "Dir" in parsed && typeof parsed.Dir === "string") {
    return parsed.Dir
  }
  throw new Error(`go mod download ${module} names no folder: ${output}`)
}

export const python: Peer.Peer = {
  name: "thrift-test-python",
  debian: ["thrift-compiler", "python3-thrift"],
  revision: revision(`1 ${release}`),
  prepare: async (directory) => {
    const apache = await sources(release)
    testPrograms(apache, directory)
    const args = ["-nowarn", "--gen", "py", "-out", directory, join(apache, "test/ThriftTest.thrift")]
    await step({ command: "thrift", args })
  }
}

export const cpp: Peer.Peer = {
  name: "thrift-test-cpp",
  debian: [
    "thrift-compiler",
    "g++",
    "libthrift-dev",
    "libevent-dev",
    "libssl-dev",
    "libboost-dev",
    "libboost-program-options-dev",
    "libboost-filesystem-dev"
  ],
  revision: revision(`1 ${release}`),
  prepare: async (directory) => {
    const apache = await sources(release)
    // Apache's test programs include their generated code by this folder's name.
    const generated = join(directory, "gen-cpp")
    mkdirSync(generated)
    const idl = join(apache, "test/ThriftTest.thrift")
    await step({ command: "thrift", args: ["-nowarn", "--gen", "cpp:templates,cob_style", "-out", generated, idl] })
    const names = ["ThriftTest.cpp", "SecondService.cpp", "ThriftTest_types.cpp", "ThriftTest_constants.cpp"]
    const flags = ["-std=c++17", "-w", `-I${directory}`, `-I${generated}`]
    const defines = ["-DHAVE_SIGNAL_H", "-DHAVE_INTTYPES_H", "-DHAVE_STDINT_H"]
    const compile = (source: string, object: string) =>
      step({ command: "g++", args: [...flags, ...defines, "-c", source, "-o", join(directory, object)] })
    for (const name of names) await compile(join(generated, name), `${name}.o`)
    const objects = names.map((name) => join(directory, `${name}.o`))
    await compile(join(apache, "test/cpp/src/ThriftTest_extras.cpp"), "extras.o")
    const libraries = ["thrift", "thriftnb", "thriftz", "event", "boost_program_options", "boost_filesystem", "ssl"]
    const link = [...libraries, "crypto", "pthread", "z"].map((name) => `-l${name}`)
    for (const program of ["TestServer", "TestClient"]) {
      await compile(join(apache, `test/cpp/src/${program}.cpp`), `${program}.o`)
      const inputs = [join(directory, `${program}.o`), join(directory, "extras.o"), ...objects]
      await step({ command: "g++", args: [...inputs, "-o", join(directory, program), ...link] })
    }
  }
}

const testPrograms = (apache: string, directory: string): void => {
  for (const name of ["TestClient.py", "TestServer.py", "util.py"]) {
    writeFileSync(join(directory, name), readFileSync(join(apache, "test/py", name)))
  }
}

/** The newest Python library with a compiler of its release, which is built here: this one knows uuid. */
export const newest: Peer.Peer = {
  name: "thrift-test-newest",
  debian: ["g++", "cmake", "make", "flex", "bison", "python3"],
  revision: revision(`1 ${newestRelease}`),
  prepare: async (directory) => {
    const apache = await sources(newestRelease)
    const build = join(directory, "compiler")
    const parts = ["LIBRARIES", "TESTING", "TUTORIALS"].map((what) => `-DBUILD_${what}=OFF`)
    // Only the generator for Python: the other thirty would take minutes to compile.
    const generators = readFileSync(join(apache, "compiler/cpp/CMakeLists.txt"), "utf8")
      .matchAll(/^THRIFT_ADD_COMPILER\((\w+)/gm)
      .map((match) => match[1]!)
      .filter((name) => name !== "py")
      .map((name) => `-DTHRIFT_COMPILER_${name.toUpperCase()}=OFF`)
    const flags = [...parts, ...generators, "-DCMAKE_CXX_FLAGS=-O0"]
    await step({ command: "cmake", args: ["-S", apache, "-B", build, ...flags] })
    await step({ command: "make", args: ["-C", build, "-j2", "thrift-compiler"] }, 600_000)
    const args = ["-nowarn", "--gen", "py", "-out", directory, join(apache, "test/ThriftTest.thrift")]
    await step({ command: join(build, "compiler/cpp/bin/thrift"), args })
    rmSync(build, { recursive: true })
    testPrograms(apache, directory)
    cpSync(join(apache, "lib/py/src"), join(directory, "library/thrift"), { recursive: true })
    await step({ command: "chmod", args: ["-R", "u+w", directory] })
  }
}

export const go: Peer.Peer = {
  name: "thrift-test-go",
  debian: ["thrift-compiler"],
  revision: revision(`2 ${release}`),
  prepare: async (directory) => {
    const apache = await sources(release)
    const copy = join(directory, "source")
    for (const part of ["lib/go", "test/go", "go.mod", "go.sum"]) {
      cpSync(join(apache, part), join(copy, part), { recursive: true })
    }
    await step({ command: "chmod", args: ["-R", "u+w", copy] })
    const generated = join(copy, "test/go/src/gen")
    mkdirSync(generated)
    // Go cannot have a map or a set as a key; Apache's own makefile leaves such lines out too.
    const idl = join(directory, "ThriftTest.thrift")
    const lines = readFileSync(join(apache, "test/ThriftTest.thrift"), "utf8").split("\n")
    writeFileSync(idl, lines.filter((line) => !/list.*map.*list.*map/.test(line)).join("\n"))
    const library = "thrift_import=github.com/apache/thrift/lib/go/thrift"
    const generator = `go:${library},package_prefix=github.com/apache/thrift/test/go/src/gen/`
    await step({ command: "thrift", args: ["-nowarn", "-out", generated, "--gen", generator, idl] })
    for (const program of ["testserver", "testclient"]) {
      const args = ["build", "-mod=mod", "-o", join(directory, program), `./test/go/src/bin/${program}`]
      await step({ command: "go", args, cwd: copy })
    }
    rmSync(copy, { recursive: true })
  }
}

export type Language = "cpp" | "py" | "py-newest" | "go"
export type Role = "client" | "server"

const names: Readonly<Record<Language, string>> = {
  cpp: cpp.name,
  py: python.name,
  "py-newest": newest.name,
  go: go.name
}

/** The official command line of one peer, or undefined when it could not be built. */
export const command = (
  language: Language,
  role: Role,
  port: number,
  form: { readonly protocol: string; readonly transport: string }
): Command | undefined => {
  const directory = Peer.directory(names[language])
  if (directory === undefined) return undefined
  const isClient = role === "client"
  const flags = [`--port=${port}`, `--protocol=${form.protocol}`, `--transport=${form.transport}`]
  switch (language) {
    case "cpp":
      return { command: join(directory, isClient ? "TestClient" : "TestServer"), args: flags }
    case "go":
      return { command: join(directory, isClient ? "testclient" : "testserver"), args: flags }
    default: {
      const program = join(directory, isClient ? "TestClient.py" : "TestServer.py")
      const args = [
        "-W",
        "ignore",
        program,
        `--genpydir=${directory}`,
        ...flags,
        ...(isClient ? [] : ["TThreadedServer"])
      ]
      return { command: "/usr/bin/python3", args, env: { PYTHONPATH: join(directory, "library") } }
    }
  }
}

/** grpc-java's interop programs, and the certificates of the gRPC authors for tests. */
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { revision, step } from "../Build.ts"
import * as Peer from "../Peer.ts"
import type { Command } from "../Processes.ts"

const release = "1.79.0"

const plugin = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1"

const dependency = (artifact: string): string =>
  `<dependency><groupId>io.grpc</groupId><artifactId>${artifact}</artifactId><version>${release}</version></dependency>`

const project = `<project>
  <modelVersion>4.0.0</modelVersion>
  <groupId>peer</groupId><artifactId>peer</artifactId><version>1</version>
  <dependencies>${dependency("grpc-interop-testing")}</dependencies>
</project>
`

export const java: Peer.Peer = {
  name: "grpc-java",
  debian: ["maven"],
  revision: revision(`1 ${release} ${plugin}`),
  prepare: async (directory) => {
    writeFileSync(join(directory, "pom.xml"), project)
    const maven = (...args: ReadonlyArray<string>) =>
      step({ command: "mvn", args: ["-q", "-B", ...args], cwd: directory }, 600_000)
    await maven(`${plugin}:copy-dependencies`, "-DoutputDirectory=lib")
    const certificates = ["-Dmdep.unpack.includes=certs/*", "-DoutputDirectory=."]
    await maven(`${plugin}:unpack`, `-Dartifact=io.grpc:grpc-testing:${release}:jar`, ...certificates)
  }
}

const directory = Peer.directory(java.name)

const program = (directory: string, name: string, args: ReadonlyArray<string>): Command => ({
  command: "java",
  args: [
    // The programs end before a better compiler pays.
    "-XX:TieredStopAtLevel=1",
    "-XX:+UseSerialGC",
    "-cp",
    join(directory, "lib", "*"),
    `io.grpc.testing.integration.${name}`,
    ...args
  ]
})

/** The name in the server's certificate. */
export const serverName = "foo.test.google.fr"

/** A file of the certificates; undefined when the peer could not be had. */
export const certificate =
  directory === undefined ? undefined : (name: string): string => join(directory, "certs", name)

export interface Options {
  /** Over TLS, with the authors' certificate authority for tests. */
  readonly isSecure?: boolean
  /** OkHttp's HTTP/2 and not Netty's. */
  readonly usesOkHttp?: boolean
}

/** How long a call takes is the machine's affair. */
const soak = [
  "--soak_iterations=100",
  "--soak_max_failures=0",
  "--soak_per_iteration_max_acceptable_latency_ms=20000",
  "--soak_overall_timeout_seconds=60"
]

/** grpc-java's client with one case; undefined when it could not be had. */
export const client =
  directory === undefined
    ? undefined
    : (port: number, testCase: string, { isSecure = false, usesOkHttp = false }: Options = {}): Command =>
        program(directory, "TestServiceClient", [
          "--server_host=127.0.0.1",
          `--server_port=${port}`,
          `--test_case=${testCase}`,
          `--use_tls=${isSecure}`,
          `--use_okhttp=${usesOkHttp}`,
          ...(isSecure ? ["--use_test_ca=true", `--server_host_override=${serverName}`] : []),
          ...(testCase.endsWith("soak") ? soak : [])
        ])

/** grpc-java's server; undefined when it could not be had. */
export const server =
  directory === undefined
    ? undefined
    : (port: number, { isSecure = false }: Options = {}): Command =>
        program(directory, "TestServiceServer", [`--port=${port}`, `--use_tls=${isSecure}`])

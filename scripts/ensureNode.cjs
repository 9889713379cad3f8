// Runs first, under whatever Node the system has (20 or later), so it is plain CommonJS.
// npm puts node_modules/.bin first in PATH, and the `node` package puts Node 24 there with an install script.
// Where install scripts were switched off, this runs the script of that one package.
const { spawnSync } = require("node:child_process")
const { existsSync } = require("node:fs")
const { join } = require("node:path")

const minimum = [22, 19]
const root = join(__dirname, "..")
const bundled = join(root, "node_modules/node/bin/node")

const isEnough = (version) => {
  const [major, minor] = version.replace(/^v/, "").split(".").map(Number)
  return major > minimum[0] || (major === minimum[0] && minor >= minimum[1])
}

const fail = (message) => {
  process.stderr.write(`volant: ${message}\n`)
  process.exit(1)
}

if (!existsSync(join(root, "node_modules/node"))) fail("dependencies are not installed. Run `npm ci` first.")
if (!existsSync(bundled)) {
  process.stderr.write("volant: install scripts were off, so Node 24 is fetched from the `node` package now\n")
  spawnSync("npm", ["rebuild", "node", "--ignore-scripts=false", "--no-save"], {
    cwd: root,
    stdio: ["ignore", "ignore", "inherit"],
    env: { ...process.env, npm_config_ignore_scripts: "false" }
  })
}
if (!existsSync(bundled) && !isEnough(process.version)) {
  fail(
    `needs Node ${minimum.join(".")} or later, this is ${process.version}. The \`node\` package should have brought Node 24; ` +
      "run `npm rebuild node --ignore-scripts=false`, or install a newer Node."
  )
}

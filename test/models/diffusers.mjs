// npm run check:diffusers: the families of diffusers and torchvision against these libraries, in the versions that
// diffusers.requirements.txt pins; see diffusers.py. Names of families run only these. SEEDS= sets how many of the library's own
// initializations of each model are audited (3), PYTHON= names a Python that has the requirements. Exits with 1 on anything
// wrong, and if nothing ran.
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const file = (name) => fileURLToPath(new URL(name, import.meta.url));
const REQUIREMENTS = file("diffusers.requirements.txt");

/** The path of a Python that has the requirements, in an environment outside of the repository unless PYTHON says another. */
function python() {
  if (process.env.PYTHON) return process.env.PYTHON;
  if (spawnSync("python3", ["-m", "venv", "--help"]).status !== 0) throw new Error("there is no Python 3 with venv");
  const version = createHash("sha256").update(readFileSync(REQUIREMENTS)).digest("hex").slice(0, 12);
  const folder = join(tmpdir(), `nn-init-diffusers-python-${version}`);
  const program = join(folder, "bin/python");
  if (existsSync(join(folder, "ready"))) return program;
  console.log(`installing ${REQUIREMENTS} in ${folder}`);
  execFileSync("python3", ["-m", "venv", folder]);
  execFileSync(program, ["-m", "pip", "install", "--quiet", "-r", REQUIREMENTS], { stdio: "inherit" });
  writeFileSync(join(folder, "ready"), "");
  return program;
}

const run = spawnSync(python(), [file("diffusers.py"), ...process.argv.slice(2)], { stdio: "inherit" });
process.exitCode = run.status ?? 1;

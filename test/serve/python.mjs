// The Python that has the clients of requirements.txt: PYTHON, or an environment of its own outside of the repository.
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const REQUIREMENTS = fileURLToPath(new URL("requirements.txt", import.meta.url));

let made;

/** Its path; undefined where there is no Python 3. The first call may take minutes: PyTorch is large. */
export function python() {
  made ??= environment();
  return made;
}

async function environment() {
  if (process.env.PYTHON) return process.env.PYTHON;
  if (spawnSync("python3", ["-m", "venv", "--help"]).status !== 0) return undefined;
  const version = createHash("sha256").update(readFileSync(REQUIREMENTS)).digest("hex").slice(0, 12);
  const folder = join(tmpdir(), `nn-init-serve-python-${version}`);
  const program = join(folder, "bin/python");
  if (existsSync(join(folder, "ready"))) return program;
  console.log(`installing requirements.txt in ${folder}`);
  execFileSync("python3", ["-m", "venv", folder]);
  execFileSync(program, ["-m", "pip", "install", "--quiet", "-r", REQUIREMENTS], { stdio: "inherit" });
  writeFileSync(join(folder, "ready"), "");
  return program;
}

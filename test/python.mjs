// Pythons that have the packages of a requirements.txt, for the checks against other libraries.
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";

/**
 * The path of its program: PYTHON, or that of an environment outside of the repository, which takes minutes to make where it
 * holds PyTorch.
 *
 * @param requirements the path of a requirements.txt.
 * @param name what the environment is for.
 * @returns undefined where there is no Python 3 with venv.
 * @throws Error where there is no package index.
 */
export function pythonWith(requirements, name) {
  if (process.env.PYTHON) return process.env.PYTHON;
  if (spawnSync("python3", ["-m", "venv", "--help"]).status !== 0) return undefined;
  const version = createHash("sha256").update(readFileSync(requirements)).digest("hex").slice(0, 12);
  const folder = join(tmpdir(), `nn-init-${name}-python-${version}`);
  const program = join(folder, "bin/python");
  if (existsSync(join(folder, "ready"))) return program;
  console.log(`installing ${basename(requirements)} in ${folder}`);
  execFileSync("python3", ["-m", "venv", folder]);
  execFileSync(program, ["-m", "pip", "install", "--quiet", "-r", requirements], { stdio: "inherit" });
  writeFileSync(join(folder, "ready"), "");
  return program;
}

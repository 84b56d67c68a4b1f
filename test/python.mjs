// Pythons that have the packages of a requirements.txt, for the checks against other libraries.
import { execFileSync, spawnSync } from "node:child_process";
import { join } from "node:path";
import { installed } from "./install.mjs";

/**
 * The path of its program: PYTHON, or that of an environment outside of the repository, which takes minutes to make where it
 * holds PyTorch.
 *
 * @param requirements the path of a requirements.txt.
 * @param name what the environment is for.
 * @returns undefined where there is no Python 3 with venv.
 * @throws Absent where there is no package index.
 */
export function pythonWith(requirements, name) {
  if (process.env.PYTHON) return process.env.PYTHON;
  if (spawnSync("python3", ["-m", "venv", "--help"]).status !== 0) return undefined;
  const install = (folder) => {
    execFileSync("python3", ["-m", "venv", folder]);
    const arguments_ = ["-m", "pip", "install", "--quiet", "-r", requirements];
    execFileSync(join(folder, "bin/python"), arguments_, { stdio: "inherit" });
  };
  return join(installed({ manifest: requirements, name: `${name}-python`, install }), "bin/python");
}

// Packages of npm that a check needs and the repository does not install, in a folder outside of it.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { Absent } from "./report.mjs";

/**
 * The folder that has what a file lists. It is named by what is in the file, so that it is installed once.
 *
 * @param manifest the path of a package.json (or of another list, which `install` reads).
 * @param name what the folder is for.
 * @param given a folder in which it is installed already.
 * @param install installs what is listed, in the folder.
 * @throws Absent where there is no registry.
 */
export function installed({ manifest, name, given, install = npmInstall }) {
  if (given !== undefined) return given;
  const version = createHash("sha256").update(readFileSync(manifest)).digest("hex").slice(0, 12);
  const folder = join(tmpdir(), `nn-init-${name}-${version}`);
  if (existsSync(join(folder, "ready"))) return folder;
  console.log(`installing ${basename(manifest)} in ${folder}`);
  mkdirSync(folder, { recursive: true });
  copyFileSync(manifest, join(folder, basename(manifest)));
  const lock = join(dirname(manifest), "package-lock.json");
  if (install === npmInstall && existsSync(lock)) copyFileSync(lock, join(folder, "package-lock.json"));
  try {
    install(folder);
  } catch (error) {
    throw new Absent(`${basename(manifest)} cannot be installed: ${error.message}`);
  }
  writeFileSync(join(folder, "ready"), "");
  return folder;
}

function npmInstall(folder) {
  const command = existsSync(join(folder, "package-lock.json")) ? "ci" : "install";
  execFileSync("npm", [command, "--silent", "--ignore-scripts", "--no-audit"], { cwd: folder, stdio: "inherit" });
}

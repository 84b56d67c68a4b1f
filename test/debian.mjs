// Programs that a check needs and that Debian has.
import { spawnSync } from "node:child_process";
import { Absent } from "./report.mjs";

/**
 * Installs packages unless a program is there.
 *
 * @throws Absent where they cannot be installed: another system, another user, no mirror.
 */
export function debian(packages, program) {
  if (spawnSync("sh", ["-c", `command -v ${program}`]).status === 0) return;
  const options = { encoding: "utf8", env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" } };
  spawnSync("apt-get", ["update", "-qq"], options);
  const args = ["install", "-y", "-qq", "--no-install-recommends", ...packages];
  const { status, stderr } = spawnSync("apt-get", args, options);
  if (status === 0) return;
  throw new Absent(
    `${packages.join(" ")} cannot be installed from Debian: ${stderr?.trim().split("\n").at(-1) ?? "no apt-get"}`,
  );
}

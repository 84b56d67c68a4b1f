// A disk that eight tasks fill: what is whole stays, nothing else does, and a second run completes it once there is room.
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { debian } from "../debian.mjs";
import { Absent } from "../report.mjs";
import { call, faultsOf, RECIPES, recipeEnv, SEED, SIZE } from "./setting.mjs";

export async function disk(setting) {
  debian(["make"], "make");
  const wrong = [];
  const place = join(setting.place, "disk");
  const out = join(place, "out");
  mkdirSync(place);
  if (spawnSync("mount", ["-t", "tmpfs", "-o", "size=100m", "tmpfs", place]).status !== 0) {
    throw new Absent("only root can mount a small disk");
  }
  const variables = [`MODEL=${setting.model}`, `SEED=${SEED}`, `OUT=${out}`, "TASKS=8", `SIZE=${SIZE}`];
  const args = ["-j", "4", "--keep-going", "-f", join(RECIPES, "make/Makefile"), ...variables];
  const run = () => call("make", args, { env: recipeEnv(setting, out, 8) });
  try {
    const full = await run();
    if (full.code === 0 || !/no space left on the disk/.test(full.stderr))
      wrong.push(`full: ${full.code} ${full.stderr}`);
    const there = readdirSync(out).filter((name) => !name.endsWith(".sha256"));
    const others = there.filter((name) => !setting.files.has(name));
    if (others.length > 0 || there.length === 0) wrong.push(`full: expected whole files, got ${there}`);
    spawnSync("mount", ["-o", "remount,size=400m", place]);
    const again = await run();
    if (again.code !== 0) wrong.push(`again: ${again.code} ${again.stderr}`);
    wrong.push(...(await faultsOf(out, setting)));
    return { counts: { tasks: 8, "files before it was full": there.length, runs: 2 }, wrong };
  } finally {
    spawnSync("umount", [place]);
  }
}

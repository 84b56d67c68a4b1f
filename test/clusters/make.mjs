// GNU make: eight tasks; a file that is lost, one that is cut short, and a second make, which writes these two only.
import { rmSync, statSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { debian } from "../debian.mjs";
import { call, faultsOf, RECIPES, recipeEnv, SEED, SIZE } from "./setting.mjs";

export async function make(setting) {
  debian(["make"], "make");
  const wrong = [];
  const out = join(setting.place, "make");
  const env = recipeEnv(setting, out, 8);
  const variables = [`MODEL=${setting.model}`, `SEED=${SEED}`, `OUT=${out}`, "TASKS=8", `SIZE=${SIZE}`];
  const run = () => call("make", ["-j", "4", "-f", join(RECIPES, "make/Makefile"), ...variables], { env });
  const first = await run();
  if (first.code !== 0) wrong.push(`${first.code} ${first.stderr}`);
  wrong.push(...(await faultsOf(out, setting)));
  const names = [...setting.files.keys()].filter((name) => name.endsWith(".safetensors"));
  const times = () => new Map(names.map((name) => [name, statSync(join(out, name)).mtimeMs]));
  const before = times();
  const [lost, cut] = [names[3], names[9]];
  rmSync(join(out, lost));
  truncateSync(join(out, cut), 5_000_000);
  const again = await run();
  if (again.code !== 0) wrong.push(`again: ${again.code} ${again.stderr}`);
  wrong.push(...(await faultsOf(out, setting, { audited: false })));
  const written = [...times()].filter(([name, time]) => time !== before.get(name)).map(([name]) => name);
  if (String(written) !== String([lost, cut])) wrong.push(`expected ${lost} and ${cut} anew, got ${written}`);
  rmSync(out, { recursive: true, force: true });
  return { counts: { tasks: 8, "files written again": written.length, runs: 2 }, wrong };
}

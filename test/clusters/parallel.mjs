// GNU parallel: eight tasks, one of which is killed and tried again by parallel; then a run that has nothing to do.
import { rmSync } from "node:fs";
import { join } from "node:path";
import { debian } from "../debian.mjs";
import { call, faultsOf, RECIPES, recipeEnv, send, writersIn } from "./setting.mjs";

export async function parallel(setting) {
  debian(["parallel"], "parallel");
  const wrong = [];
  const out = join(setting.place, "parallel");
  const run = () => {
    const env = { ...recipeEnv(setting, out, 8), PARALLEL: "--will-cite" };
    return call("sh", [join(RECIPES, "parallel/run.sh"), "--jobs", "4"], { env, cwd: setting.place });
  };
  const first = run();
  const [pid] = await writersIn(out);
  send(pid, "SIGKILL");
  const { code, stderr } = await first;
  if (code !== 0) wrong.push(`a killed task was not tried again: ${code} ${stderr}`);
  wrong.push(...(await faultsOf(out, setting)));
  const again = await run();
  if (again.code !== 0 || !/nothing was written/.test(again.stdout))
    wrong.push(`nothing to do: ${again.code} ${again.stdout} ${again.stderr}`);
  wrong.push(...(await faultsOf(out, setting, { audited: false })));
  rmSync(out, { recursive: true, force: true });
  return { counts: { tasks: 8, "tasks killed": 1, runs: 2 }, wrong };
}

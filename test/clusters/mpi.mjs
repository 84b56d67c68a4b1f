// Open MPI: four ranks; a rank that is killed, after which the launcher ends the others, and a second run that completes.
import { rmSync } from "node:fs";
import { join } from "node:path";
import { debian } from "../debian.mjs";
import { call, faultsOf, RECIPES, recipeEnv, send, writersIn } from "./setting.mjs";

// This machine may be a container with one user and few cores, which mpirun takes for a mistake.
const HERE = {
  OMPI_ALLOW_RUN_AS_ROOT: "1",
  OMPI_ALLOW_RUN_AS_ROOT_CONFIRM: "1",
  OMPI_MCA_rmaps_base_oversubscribe: "1",
};

export async function mpi(setting) {
  debian(["openmpi-bin"], "mpirun");
  const wrong = [];
  const run = (out) => {
    const env = { ...recipeEnv(setting, out, 4), ...HERE };
    return call("sh", [join(RECIPES, "mpi/run.sh")], { env, cwd: setting.place });
  };
  const out = join(setting.place, "mpi");
  const killed = run(out);
  const [pid] = await writersIn(out);
  send(pid, "SIGKILL");
  if ((await killed).code === 0) wrong.push("a rank was killed, and mpirun says that all is well");
  const again = await run(out);
  if (again.code !== 0) wrong.push(`again: ${again.code} ${again.stderr}`);
  wrong.push(...(await faultsOf(out, setting)));
  rmSync(out, { recursive: true, force: true });
  return { counts: { ranks: 4, "ranks killed": 1, runs: 2 }, wrong };
}

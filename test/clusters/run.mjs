// npm run check:clusters: the recipes of examples/clusters, run on real schedulers, which are installed (from Debian, PyPI, the
// Go module proxy; what takes long is kept in ~/.cache/nn-init-clusters), started and stopped here. Names of parts run only
// these. LARGE=1 also writes and audits 10 GB; KILLS= sets how many writers are killed (100), RANDOM= what random choices
// follow from. Exits with 1 if anything that could run failed, or if nothing ran.
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { askedParts, reporter } from "../report.mjs";
import { prepare } from "./setting.mjs";

/** Each has a module of its name with a function of that name, which returns counts, what was wrong and what was absent. */
const PARTS = [
  "slurm",
  "mpi",
  "parallel",
  "make",
  "ray",
  "batch",
  "disk",
  "kills",
  "s3",
  "ceph",
  "large",
  "kubernetes",
];

const asked = askedParts(PARTS);
const { end, tally } = reporter();
const setting = await prepare();

async function runPart(name) {
  const part = (await import(new URL(`${name}.mjs`, import.meta.url)))[name];
  const place = join(setting.place, name); // of its own, which it may remove
  mkdirSync(place);
  return part({ ...setting, place });
}

for (const name of PARTS) {
  if (asked.length === 0 || asked.includes(name)) await tally(name, () => runPart(name));
}
rmSync(setting.place, { recursive: true, force: true });
end();

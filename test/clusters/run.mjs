// npm run check:clusters: the recipes of examples/clusters, run on real schedulers, which are installed (from Debian, PyPI, the
// Go module proxy; what takes long is kept in ~/.cache/nn-init-clusters), started and stopped here. Names of parts run only
// these. LARGE=1 also writes and audits 10 GB; KILLS= sets how many writers are killed (100), RANDOM= what random choices
// follow from. Exits with 1 if anything that could run failed, or if nothing ran.
import { existsSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Absent, prepare } from "./setting.mjs";

/** Each has a module of its name with a function of that name, which returns counts, what was wrong and what was absent. */
const PARTS = ["slurm", "mpi", "parallel", "make", "ray", "batch", "disk", "kills", "s3", "large", "kubernetes"];

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !PARTS.includes(name));
if (unknown.length > 0) throw new Error(`expected names of parts (${PARTS.join(", ")}), got ${unknown.join(", ")}`);

async function runPart(name, setting) {
  const file = new URL(`${name}.mjs`, import.meta.url);
  if (!existsSync(file)) return { counts: {}, wrong: [], absent: [`there is no ${name}.mjs`] };
  try {
    const part = (await import(file))[name];
    const place = join(setting.place, name); // of its own, which it may remove
    mkdirSync(place);
    return { absent: [], ...(await part({ ...setting, place })) };
  } catch (error) {
    if (error instanceof Absent) return { counts: {}, wrong: [], absent: [error.message] };
    return { counts: {}, wrong: [error.stack], absent: [] };
  }
}

const totals = { passed: 0, failed: 0, skipped: 0 };
const setting = await prepare();
for (const name of PARTS) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  const begun = performance.now();
  const { counts, wrong, absent } = await runPart(name, setting);
  const seconds = ((performance.now() - begun) / 1000).toFixed(1);
  const list = Object.entries(counts).map(([what, count]) => `${what} ${count}`);
  console.log(`${name}: ${list.join(", ") || "did not run"}; wrong ${wrong.length} (${seconds} s)`);
  for (const what of absent) console.log(`  absent: ${what}`);
  for (const what of wrong) console.log(`  WRONG: ${what.slice(0, 2000)}`);
  totals[wrong.length > 0 ? "failed" : list.length > 0 ? "passed" : "skipped"] += 1;
}
rmSync(setting.place, { recursive: true, force: true });
console.log(`${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`);
process.exitCode = totals.failed === 0 && totals.passed > 0 ? 0 : 1;

// Kills at random moments and as soon as the temporary file is there; two writers of one file.
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { folder, litter, random, run, sha256, sleep, start, times } from "./command.mjs";

const SIGNALS = { SIGKILL: 9, SIGINT: 2, SIGTERM: 15, SIGHUP: 1 };
const shapesOf = (rows) => [
  { name: "a", shape: [rows, 4000], scheme: "truncatedNormal", std: 1 },
  { name: "q", shape: [300, 300], scheme: "orthogonal" },
  { name: "b", shape: [rows, 4000], scheme: "normal", std: 1 },
];

/** The model and the hash of its file. */
async function prepared(rows) {
  const place = folder();
  const shapes = join(place, "shapes.json");
  writeFileSync(shapes, JSON.stringify(shapesOf(rows)));
  const args = (out, ...flags) => ["init", shapes, "--seed", "7", "--out", out, ...flags];
  const begun = performance.now();
  const done = await run(args(join(place, "whole.safetensors")));
  if (done.code !== 0) throw new Error(done.stderr);
  return { place, args, whole: sha256(join(place, "whole.safetensors")), duration: performance.now() - begun };
}

/** What the file under the final name may be: whole, the old one, or, where there was none, absent. */
function stateOf(out, whole, isOld) {
  if (!existsSync(out)) return isOld ? "lost" : "none";
  if (isOld && readFileSync(out).length === 3) return "old";
  return sha256(out) === whole ? "whole" : "partial";
}

/** @returns counts of what happened, and what was wrong. */
export async function kills({ count, seed = 1, rows = 3000 }) {
  const { place, args, whole, duration } = await prepared(rows);
  const next = random(seed);
  const counts = { ended: 0, "litter swept": 0 };
  const wrong = [];
  const plans = Array.from({ length: count }, (_, i) => ({
    signal: Object.keys(SIGNALS)[i % 4],
    old: next() < 0.5,
    threads: next() < 0.3 ? ["--threads", "2"] : [],
    moment: i % 5 === 0 ? "birth" : next() * duration * 1.2,
  }));
  await times(count, async (i) => {
    const { signal, old, threads, moment } = plans[i];
    const here = folder();
    const out = join(here, "x.safetensors");
    if (old) writeFileSync(out, "old");
    const { child, ended } = start(args(out, ...threads, ...(old ? ["--force"] : [])), { patience: 60_000 });
    if (moment === "birth") {
      for (let waited = 0; litter(here).length === 0 && child.exitCode === null && waited < 30_000; ++waited)
        await sleep(1);
    } else await sleep(moment);
    child.kill(signal);
    const end = await ended;
    const fail = (what) => wrong.push(`kill ${i}, ${signal}, ${old ? "old file, " : ""}${moment}: ${what}`);
    const state = stateOf(out, whole, old);
    const name = `${signal}${moment === "birth" ? " at birth" : ""}`;
    const isHit = end.signal !== null || end.code > 2;
    counts[isHit ? name : "ended"] = (counts[isHit ? name : "ended"] ?? 0) + 1;
    if (end.hung) fail("hung");
    if (state === "lost" || state === "partial") fail(`the file is ${state}`);
    if (!isHit && state !== "whole") fail(`done, but the file is ${state}`);
    if (/\n\s+at /.test(end.stderr)) fail(end.stderr);
    if (isHit && end.signal === null && end.code !== 128 + SIGNALS[signal]) fail(`exit code ${end.code}`);
    const left = litter(here);
    if (signal !== "SIGKILL" && left.length > 0) fail(`left ${left}`);
    if (left.length > 0 && i % 8 === 0) {
      const again = await run(args(out, "--force"), { patience: 60_000 });
      if (again.code !== 0 || stateOf(out, whole, false) !== "whole" || litter(here).length > 0) fail("not swept");
      else counts["litter swept"] += 1;
    }
    rmSync(here, { recursive: true });
  });
  rmSync(place, { recursive: true });
  return { counts, wrong };
}

/** Two runs that write one file at once. */
export async function writers({ count, seed = 2, rows = 3000 }) {
  const { place, args, whole } = await prepared(rows);
  const next = random(seed);
  const counts = { rounds: count, both: 0, refused: 0 };
  const wrong = [];
  for (let i = 0; i < count; ++i) {
    const here = folder();
    const out = join(here, "x.safetensors");
    const force = i % 2 === 0 ? ["--force"] : [];
    const first = run(args(out, ...force), { patience: 60_000 });
    await sleep(next() * 100);
    const ends = await Promise.all([first, run(args(out, ...force), { patience: 60_000 })]);
    const done = ends.filter(({ code }) => code === 0).length;
    const refused = ends.filter(({ code, stderr }) => code === 1 && /exists; --force replaces it/.test(stderr)).length;
    if (done + refused !== 2 || done < 1 || (force.length > 0 && done !== 2)) {
      wrong.push(`writers ${i}: ${ends.map(({ code, stderr }) => `${code} ${stderr}`)}`);
    }
    if (stateOf(out, whole, false) !== "whole" || litter(here).length > 0)
      wrong.push(`writers ${i}: the file, or litter`);
    counts[done === 2 ? "both" : "refused"] += 1;
    rmSync(here, { recursive: true });
  }
  rmSync(place, { recursive: true });
  return { counts, wrong };
}

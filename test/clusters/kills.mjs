// Four writers of one folder, killed at random moments and started again, until the index is written. In every other round
// each writes a share of its own, in the rest all of them write all files.
import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { random, run, sleep, start } from "../faults/command.mjs";
import { faultsOf, SEED, SIZE } from "./setting.mjs";

const WRITERS = 4;
const PATIENCE = 600_000; // milliseconds

export async function kills(setting) {
  const kills = Number(process.env.KILLS ?? 100);
  const next = random(Number(process.env.RANDOM ?? 1));
  const counts = { rounds: 0, kills: 0, "while a file was written": 0, "temporary files swept": 0 };
  const wrong = [];
  while (counts.kills < kills) wrong.push(...(await round(setting, kills, next, counts)));
  return { counts, wrong };
}

async function round(setting, kills, next, counts) {
  const out = join(setting.place, "kills");
  const isShared = counts.rounds++ % 2 === 0;
  const wrong = [];
  const write = async (i) => {
    const share = isShared ? `${i}/${WRITERS}` : "0/1";
    const args = ["init", setting.model, "--seed", SEED, "--out", out, "--max-shard-size", SIZE, "--shard", share];
    for (;;) {
      const { child, ended } = start(args, { patience: PATIENCE });
      if (counts.kills < kills) void sleep(next() * setting.duration).then(() => kill(child, out, counts));
      const end = await ended;
      if (end.signal === "SIGKILL" && !end.hung) continue;
      if (end.code !== 0) wrong.push(`writer ${i}: ${end.code} ${end.signal} ${end.stderr}`);
      return;
    }
  };
  await Promise.all(Array.from({ length: WRITERS }, (_, i) => write(i)));
  const left = temporaries(out).length;
  const index = await run(["index", out], { patience: PATIENCE });
  if (index.code !== 0) wrong.push(`index: ${index.code} ${index.stdout}${index.stderr}`);
  counts["temporary files swept"] += left - temporaries(out).length;
  wrong.push(...(await faultsOf(out, setting, { audited: counts.rounds === 1 })));
  rmSync(out, { recursive: true });
  return wrong;
}

const temporaries = (out) => (existsSync(out) ? readdirSync(out).filter((name) => name.endsWith(".tmp")) : []);

function kill(child, out, counts) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const isWriting = temporaries(out).some((name) => name.includes(`.${child.pid}.`));
  if (!child.kill("SIGKILL")) return;
  counts.kills += 1;
  if (isWriting) counts["while a file was written"] += 1;
}

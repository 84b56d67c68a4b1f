// npm run check:faults: kills, full disks, two writers, hostile files, abuses of the library, and a soak. SECONDS= sets the
// length of the soak (10), KILLS= and FILES= the counts, PATIENCE= the
// seconds (10) after which a run hangs, longer on a busy machine, SEED= what the random choices follow from. Exits with 1 on any wrong
// outcome: a partial file under its final name, a lost old file, a stack trace, a hang.
import { askedParts, reporter } from "../report.mjs";
import { abuses, soak } from "./calls.mjs";
import { disks } from "./disks.mjs";
import { hostile } from "./hostile.mjs";
import { kills, writers } from "./kills.mjs";

const number = (name, otherwise) => Number(process.env[name] ?? otherwise);
const seed = number("SEED", 1);

const PARTS = {
  kills: () => kills({ count: number("KILLS", 160), seed }),
  writers: () => writers({ count: 12, seed }),
  disks: () => disks({}),
  "hostile files": () => hostile({ count: number("FILES", 300), seed }),
  abuses,
  soak: () => soak({ seconds: number("SECONDS", 10), seed }),
};

const asked = askedParts(Object.keys(PARTS));
const { end, tally } = reporter();
for (const [name, part] of Object.entries(PARTS)) {
  if (asked.length === 0 || asked.includes(name)) await tally(name, part);
}
end();

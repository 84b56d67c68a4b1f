// Speeds, beside what the same machine recorded before; and instructions, which do not depend on what else runs.
import { existsSync, mkdirSync, readFileSync, renameSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { PRODUCT } from "./rests.mjs";
import { call, root } from "./script.mjs";
import { STATE } from "./state.mjs";

const SLOWER = 1.25; // a cell that is slower by more has failed
const CLI = join(root, "dist/cli.js");

const instructions = {
  name: "instructions",
  of: "runs",
  rests: [...PRODUCT, "bench"],
  async run() {
    const { code, said } = await call(process.execPath, ["bench/instructions.mjs", "--or-skip"], { seconds: 1200 });
    if (/skip/i.test(said)) return { count: 0, failures: [], absent: [said.trim().split("\n").at(-1)] };
    return { count: 1, failures: code === 0 ? [] : [said.slice(-1500)], absent: [] };
  },
};

/** The times of this processor, by file name. */
const recordOf = () =>
  join(STATE, "benches", `${(cpus()[0]?.model ?? "unknown").replaceAll(/\W+/g, "-")}-${process.version}.json`);

const nameOf = ({ distribution, engine, to, dtype, size }) => [distribution, engine, to, dtype, size].join(" ");
const bestOf = ({ seconds }) => Math.min(...seconds);

const speed = {
  name: "nn-init bench",
  of: "cells",
  rests: [...PRODUCT, "bench"],
  async run() {
    const record = recordOf();
    mkdirSync(join(STATE, "benches"), { recursive: true });
    const { code, said } = await call(process.execPath, [CLI, "bench", "--json", `${record}.new`, "--force"], {
      seconds: 1200,
    });
    if (code !== 0) return { count: 0, failures: [said.slice(-1500)], absent: [] };
    const now = JSON.parse(readFileSync(`${record}.new`, "utf8"));
    if (!existsSync(record)) {
      renameSync(`${record}.new`, record);
      return {
        count: now.cells.length,
        failures: [],
        absent: ["a record of before: this run is the first one on this machine"],
      };
    }
    const before = new Map(JSON.parse(readFileSync(record, "utf8")).cells.map((cell) => [nameOf(cell), cell]));
    const failures = now.cells.flatMap((cell) => {
      const old = before.get(nameOf(cell));
      const ratio = old === undefined ? 1 : bestOf(cell) / bestOf(old);
      return ratio > SLOWER ? [`${nameOf(cell)}: ${ratio.toFixed(2)} times as long as before`] : [];
    });
    if (failures.length === 0) renameSync(`${record}.new`, record);
    return { count: now.cells.length, failures, absent: [] };
  },
};

export const benches = {
  name: "benches",
  promise: `no cell of nn-init bench takes ${SLOWER} times as long as before on this machine, and no kernel more instructions than recorded`,
  units: [instructions, speed],
};

/**
 * How often an audit is wrong. Of 1,000 correct files at most one may fail: at the promised rate of 1 in 10,000, one failure
 * has a probability of 0.1, two have 0.005. And each of the faults must be found with each of 100 seeds. Orthogonal
 * matrices, whose values look normal, are found by the norms of their rows or columns.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { byPlan } from "../../src/audit/planned.js";
import { readCheckpoint } from "../../src/file/checkpoint.js";
import { init, type Scheme } from "../../src/index.js";
import { modelOf, modelOfShapes, parsePlan } from "../../src/model.js";
import { FAULTS } from "../audit/faults.js";
import { auditOf, drawn, failures, file, type Tensor, TINY } from "../audit/files.js";
import { folder } from "../cli/build.js";

const path = join(folder(), "tiny.safetensors");
const model = modelOf(TINY);
const SEEDS = Array.from({ length: 100 }, (_, i) => i);

test.each(["f32", "bf16", "f16", "f64"] as const)("at most one of 1,000 correct files in %s fails", async (dtype) => {
  const count = Number(process.env.COUNT ?? 1000);
  const failed: string[] = [];
  let most = 0;
  for (let seed = 0; seed < count; ++seed) {
    const reports = await auditOf(path, file(drawn(TINY, seed, dtype)), model);
    most = Math.max(most, ...reports.map(({ excess }) => excess));
    if (Object.keys(failures(reports)).length > 0) failed.push(`${seed}: ${JSON.stringify(failures(reports))}`);
  }
  console.info(`${dtype}: ${failed.length} of ${count} correct files failed; largest excess ${most.toFixed(3)}`);
  expect(failed.length, failed.join("\n")).toBeLessThan(2);
});

test.each(FAULTS)("$name is found with 100 of 100 seeds", async ({ where, make }) => {
  for (const seed of SEEDS) {
    const tensors = drawn(TINY, seed);
    make(tensors, seed);
    const found = failures(await auditOf(path, file(tensors), model));
    expect(Object.keys(found), `seed ${seed}`).toContain(where);
    expect(Object.keys(found).length).toBeLessThanOrEqual(2);
  }
});

test("swapped fans are found with 100 of 100 seeds", async () => {
  const shapes = [{ name: "up.weight", shape: [256, 64] }];
  const plan = parsePlan({ rules: [{ match: "*", scheme: "kaimingNormal", layout: "oi" }] });
  const swapped: Scheme = { scheme: "kaimingNormal", layout: "io" };
  for (const seed of SEEDS) {
    const values = init([256, 64], swapped, { seed, name: "up.weight" });
    const tensors: [string, Tensor][] = [["up.weight", { dtype: "F32", shape: [256, 64], values }]];
    const subjects = (path: string) => byPlan(readCheckpoint(path), modelOfShapes("up", shapes), plan);
    expect(Object.keys(failures(await auditOf(path, file(tensors), subjects))), `seed ${seed}`).toEqual(["up.weight"]);
  }
});

test.each([false, true])(
  "an orthogonal matrix read as normal, spectral %s, is found with 100 of 100 seeds",
  async (spectral) => {
    const shapes = [{ name: "w", shape: [64, 64] }];
    const plan = parsePlan({ rules: [{ match: "*", scheme: "normal", std: 1 / 8 }] });
    const subjects = (path: string) => byPlan(readCheckpoint(path), modelOfShapes("w", shapes), plan);
    for (const seed of SEEDS) {
      for (const dtype of ["f32", "bf16"] as const) {
        const values = init([64, 64], { scheme: "orthogonal" }, { seed, name: "w", dtype });
        const tensors: [string, Tensor][] = [["w", { dtype: dtype.toUpperCase(), shape: [64, 64], values }]];
        const found = failures(await auditOf(path, file(tensors), subjects, { spectral }));
        expect(found, `seed ${seed}`).toEqual({ w: ["norms"] });
      }
    }
  },
);

test("a file that is cut off is refused with 100 of 100 seeds", () => {
  for (const seed of SEEDS) {
    const bytes = file(drawn(TINY, seed));
    writeFileSync(path, bytes.subarray(0, bytes.length - 1 - ((seed * 7919) % 100_000)));
    expect(() => readCheckpoint(path), `seed ${seed}`).toThrow(/the file is cut off/);
  }
});

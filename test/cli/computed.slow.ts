/** Computed values through the command: init, plan, plan --print, audit --reproduce. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readCheckpoint } from "../../src/file/checkpoint.js";
import { folder, nnInit } from "./command.js";

const work = folder();

const LIST = [
  { name: "positions", shape: [300, 16], scheme: "sinusoidal", order: "halves", endpoint: true },
  { name: "ids", shape: [1, 50], scheme: "arange" },
  { name: "A_log", shape: [40, 16], scheme: "logArange", start: 1 },
  { name: "other.A_log", shape: [40, 16], scheme: "logArange", start: 1 }, // equal tensors, as they should be
  { name: "inv_freq", shape: [32], scheme: "powers", base: 10000, step: -1 / 32 },
  { name: "dt", shape: [600], scheme: "logUniform", low: 1e-3, high: 0.1, floor: 2e-3, inverse: "softplus" },
  { name: "decay", shape: [600], scheme: "logOfUniform", low: 1, high: 16 },
  { name: "up", shape: [64, 8, 3, 3], scheme: "icnr", factor: 2, of: { scheme: "normal", std: 0.1 } },
  { name: "v", shape: [30, 10, 4], scheme: "uniform", low: -0.2, high: 0.2 },
  { name: "g", shape: [1, 1, 4], norms: "v", axis: 2 },
  { name: "w", shape: [30, 10, 4], copy: "v", scale: 0.5 },
];

test("the command draws them again from the record, shows them, and says what differs", async () => {
  const [list, out] = [join(work, "shapes.json"), join(work, "out.safetensors")];
  writeFileSync(list, JSON.stringify(LIST));
  expect((await nnInit(["init", list, "--seed", "7", "--dtype", "bf16", "--out", out])).status).toBe(0);
  const audited = await nnInit(["audit", out, "--reproduce", "--wide"]);
  expect(audited.status, audited.stdout).toBe(0);
  const shown = [
    ...["sinusoids, base 10000, in halves, with endpoint", "arange i", "log(1 + i)", "10000^(-0.03125 i)"],
    ...["inverse softplus of log-uniform (0.001, 0.1), floor 0.002", "log of uniform (1, 16)", "4 times each: normal"],
    ...["norms of v", "0.5 times v"],
  ];
  const plan = await nnInit(["plan", list, "--wide"]);
  for (const text of shown) for (const { stdout } of [audited, plan]) expect(stdout).toContain(text);
  const printed = await nnInit(["plan", list, "--print"]); // a plan that makes the same file
  const [plain, file_] = [join(work, "plain.json"), join(work, "plan.json")];
  writeFileSync(plain, JSON.stringify(LIST.map(({ name, shape }) => ({ name, shape }))));
  writeFileSync(file_, printed.stdout);
  const again = join(work, "again.safetensors");
  await nnInit(["init", plain, "--plan", file_, "--seed", "7", "--dtype", "bf16", "--out", again]);
  const { tensors } = readCheckpoint(out);
  const bytes = readFileSync(out);
  expect(readFileSync(again).equals(bytes)).toBe(true);
  const at = (tensors.find(({ name }) => name === "positions")?.at ?? 0) + 600;
  bytes[at] = (bytes[at] as number) ^ 1; // the last bit of one position: too little for what a library may round
  writeFileSync(out, bytes);
  const differing = await nnInit(["audit", out, "--reproduce"]);
  expect(differing.stdout.match(/^FAIL/gm)).toHaveLength(1);
  expect(differing.stdout).toMatch(/FAIL positions: differs from what its record draws, first at element 300/);
});

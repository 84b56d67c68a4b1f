/** Computed values through the command: init, plan, plan --print, audit --reproduce. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readCheckpoint } from "../../src/file/checkpoint.js";
import { LIST } from "../audit/computed.js";
import { folder, nnInit } from "./command.js";

const work = folder();

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

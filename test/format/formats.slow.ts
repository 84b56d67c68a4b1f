/** Every family as a GGUF file, the same bytes by threads, and many changed files. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { tinyConfig } from "../../src/architecture/tiny.js";
import { type CheckpointFile, parseGgufHeader } from "../../src/checkpoint.js";
import { GGUF_FAMILIES } from "../../src/format/gguf/mapping.js";
import { folder, nnInit } from "../cli/command.js";
import { testChanges } from "./changes.js";
import { made } from "./models.js";

testChanges(5000);

test("a GGUF file of every family has each tensor once, aligned, and as many elements", () => {
  expect(GGUF_FAMILIES.length).toBeGreaterThanOrEqual(15);
  for (const family of GGUF_FAMILIES) {
    const model = made("gguf", family, "f32");
    const [file] = model.file.files as unknown as [CheckpointFile];
    const { tensors } = parseGgufHeader(file.header, file.byteLength);
    const size = ({ shape }: { shape: readonly number[] }) => shape.reduce((a, b) => a * b, 1);
    const own = model.model.tensors.reduce((sum, tensor) => sum + size(tensor), 0);
    const total = tensors.reduce((sum, tensor) => sum + size(tensor), 0);
    expect(total, family).toBe(own);
    expect(
      tensors.every(({ end }) => end !== undefined && end <= file.byteLength),
      family,
    ).toBe(true);
  }
});

test("files have the same bytes by any number of threads", async () => {
  const work = folder();
  const config = join(work, "gpt2.json");
  writeFileSync(config, JSON.stringify(tinyConfig("gpt2", { sizes: { width: 64, vocabulary: 3000 } })));
  for (const format of ["gguf", "npz", "bin"]) {
    const [one, three] = [1, 3].map((threads) => join(work, `${threads}.${format}`)) as [string, string];
    const init = ["init", config, "--seed", "3", "--format", format];
    expect(await nnInit([...init, "--out", one])).toMatchObject({ status: 0 });
    expect(await nnInit([...init, "--out", three, "--threads", "3"])).toMatchObject({ status: 0 });
    expect(Buffer.compare(readFileSync(one), readFileSync(three))).toBe(0);
  }
});

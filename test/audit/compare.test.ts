/** What an audit says of tensors that are alike, with expectations and without; and of files that are not of one run. */

import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { AuditedTensor } from "../../src/audit/found.js";
import { byConfig } from "../../src/audit/planned.js";
import { strayShards } from "../../src/audit/shards.js";
import { byRecord, type Subjects, unplanned } from "../../src/audit/subject.js";
import type { StoredCheckpoint } from "../../src/checkpoint/stored.js";
import { readCheckpoint } from "../../src/file/checkpoint.js";
import { init, normal, type Scheme } from "../../src/index.js";
import { modelOf } from "../../src/model.js";
import { folder } from "../cli/command.js";
import { faultNamed } from "./faults.js";
import { auditOf, drawn, failures, file, type Tensor, type Tensors, TINY } from "./files.js";

const path = join(folder(), "x.safetensors");
const unknown = (path: string) => unplanned(readCheckpoint(path));
const byOwn = (path: string) => byRecord(readCheckpoint(path));

const f32 = (values: Float32Array, shape: readonly number[] = [values.length]): Tensor => ({
  dtype: "F32",
  shape,
  values,
});
const recordOf = (schemes: Record<string, Scheme>) => ({ "nn-init.schemes": JSON.stringify(schemes) });
const notes = (reports: readonly AuditedTensor[]): Record<string, string[]> =>
  Object.fromEntries(
    reports.filter(({ notes }) => notes.length > 0).map(({ name, notes }) => [name, notes.map(({ check }) => check)]),
  );
const draw = (name: string, shape: readonly number[], std = 1) => init(shape, normal({ std }), { seed: 1, name });

describe("without expectations, what may be meant is noted and does not fail:", () => {
  test("constant matrices and equal tensors; NaN fails", async () => {
    const tensors = drawn(TINY, 1);
    expect(failures(await auditOf(path, file(tensors), unknown))).toEqual({});
    for (const name of ["two equal layers", "a matrix of zeros"] as const) faultNamed(name).make(tensors, 1);
    const reports = await auditOf(path, file(tensors), unknown);
    expect(failures(reports)).toEqual({});
    expect(notes(reports)).toEqual({
      "transformer.h.1.attn.c_attn.weight": ["constant"],
      "transformer.h.1.mlp.c_fc.weight": ["alike"],
    });
    faultNamed("a NaN").make(tensors, 1);
    expect(failures(await auditOf(path, file(tensors), unknown))).toEqual({
      "transformer.h.1.attn.c_attn.weight": ["finite"],
    });
  });

  // Hu et al. 2021, section 4.1: "a zero for B, so BA is zero at the beginning of training".
  test("a fresh adapter: every B is 0", async () => {
    const tensors: [string, Tensor][] = [0, 1, 2].flatMap((layer): [string, Tensor][] => [
      [`layers.${layer}.q.lora_A`, f32(draw(`A${layer}`, [8, 64]), [8, 64])],
      [`layers.${layer}.q.lora_B`, f32(new Float32Array(512), [64, 8])],
    ]);
    const reports = await auditOf(path, file(tensors), unknown);
    expect(failures(reports)).toEqual({});
    expect(Object.keys(notes(reports))).toHaveLength(3);
  });

  test("one draw at two scales; a tied pair; a mask of infinities; a table of ones", async () => {
    const values = draw("a", [32, 32]);
    const mask = Float32Array.from({ length: 64 }, (_, i) => (i % 8 > i / 8 ? Number.NEGATIVE_INFINITY : 0));
    const tensors: [string, Tensor][] = [
      ["a", f32(values, [32, 32])],
      ["scaled", f32(values.map((x) => 0.5 * x))],
      ["tied", f32(values, [32, 32])],
      ["mask", f32(mask, [8, 8])],
      ["table", f32(new Float32Array(16).fill(1), [4, 4])],
    ];
    const reports = await auditOf(path, file(tensors), unknown);
    expect(failures(reports)).toEqual({});
    expect(notes(reports)).toEqual({ scaled: ["alike"], tied: ["alike"], mask: ["finite"], table: ["constant"] });
  });

  test("scales of a normalization with one negative channel do not look like one draw", async () => {
    const scale = (name: string) => draw(name, [192]).map((x, i) => (Math.abs(x) + 0.1) * (i === 7 ? -1 : 1));
    const reports = await auditOf(path, file([["a", f32(scale("a"))], ["b", f32(scale("b"))]]), unknown); // biome-ignore format: one file
    expect(failures(reports)).toEqual({});
    expect(notes(reports)).toEqual({});
  });
});

describe("with expectations", () => {
  const schemes = { a: normal({ std: 1 }), b: normal({ std: 1 }) };
  const equal = (shape: readonly number[]) => {
    const values = draw("a", shape);
    return new Map([
      ["a", f32(values, shape)],
      ["b", f32(values.slice(), shape)],
    ]);
  };

  test("a random tensor that equals another fails, small ones too", async () => {
    for (const shape of [[64, 64], [4]]) {
      const reports = await auditOf(path, file(equal(shape), recordOf(schemes)), byOwn);
      expect(failures(reports)).toEqual({ b: ["equal"] });
    }
  });

  test("a tensor too small to be told from chance, or one of which nothing is known, is noted", async () => {
    const two = new Map([
      ["a", { dtype: "F8_E4M3", shape: [2], values: Uint8Array.of(0x38, 0xb4) }],
      ["b", { dtype: "F8_E4M3", shape: [2], values: Uint8Array.of(0x38, 0xb4) }],
    ]);
    const small = await auditOf(path, file(two, recordOf(schemes)), byOwn);
    expect(failures(small)).toEqual({});
    expect(notes(small)).toEqual({ b: ["alike"] });
    const other = await auditOf(path, file(equal([64, 64]), recordOf({ a: normal({ std: 1 }) } as never)), byOwn);
    expect(failures(other)).toEqual({});
    expect(notes(other)).toEqual({ b: ["alike"] });
  });
});

describe("copies", () => {
  const subjects =
    (copyOf: string) =>
    (path: string): Subjects => ({
      tensors: readCheckpoint(path).tensors.map((stored) =>
        stored.name === "b"
          ? { stored, distribution: undefined, copyOf }
          : { stored, distribution: { kind: "normal", mean: 0, std: 1 } as const },
      ),
      missing: [],
    });
  const pair = (b: Tensor): Tensors => new Map([["a", f32(draw("a", [64, 8]), [64, 8])], ["b", b]]); // biome-ignore format: one file

  test("a copy passes, anything else fails and says what came", async () => {
    const good = await auditOf(path, file(pair(f32(draw("a", [64, 8]), [64, 8]))), subjects("a"));
    expect(good.map(({ verdict, notes }) => [verdict, notes])).toEqual([
      ["ok", []],
      ["ok", []],
    ]);
    const sentence = async (b: Tensor, name = "a") =>
      (await auditOf(path, file(pair(b)), subjects(name)))[1]?.failures.map(({ sentence }) => sentence);
    expect(await sentence(f32(draw("c", [64, 8]), [64, 8]))).toEqual(['expected a copy of "a", got other values']);
    expect(await sentence(f32(draw("a", [64])))).toEqual(['expected a copy of "a", which has shape [64, 8], got [64]']);
    expect(await sentence({ dtype: "BF16", shape: [1], values: new Uint16Array(1) })).toEqual([
      'expected a copy of "a", which is F32, got BF16',
    ]);
    expect(await sentence(f32(draw("a", [64, 8]), [64, 8]), "c")).toEqual([
      'expected a copy of "c", which is not in the file',
    ]);
  });

  // transformers: `tie_word_embeddings` makes lm_head.weight the same parameter as the input embedding.
  test("a tied head that is saved a second time is a copy, by its config", async () => {
    const tensors = drawn(TINY, 1);
    const table = tensors.get("transformer.wte.weight") as Tensor;
    tensors.set("lm_head.weight", { ...table });
    const reports = await auditOf(path, file(tensors), modelOf(TINY));
    expect(failures(reports)).toEqual({});
    expect(reports.find(({ name }) => name === "lm_head.weight")).toMatchObject({ verdict: "ok", notes: [] });
    tensors.set("lm_head.weight", { ...table, values: (table.values as Float32Array).map((x) => -x) });
    expect(failures(await auditOf(path, file(tensors), modelOf(TINY)))).toEqual({ "lm_head.weight": ["copy"] });
    expect(byConfig({ shards: [], tensors: [] } satisfies StoredCheckpoint, modelOf(TINY)).missing).toHaveLength(28);
  });
});

describe("shards of one checkpoint", () => {
  const shard = (path: string, seed: string | undefined, stream = "1") => ({
    path,
    metadata: seed === undefined ? {} : { "nn-init.seed": seed, "nn-init.stream": stream },
  });

  test("those of another seed or stream than most are named", () => {
    expect(strayShards([shard("1", "42"), shard("2", "42"), shard("3", undefined)])).toEqual([]);
    const strays = strayShards([shard("1", "43"), shard("2", "42"), shard("3", "42"), shard("4", "42", "2")]);
    expect(strays).toEqual([
      { path: "1", sentence: 'it records the seed "43", but 3 of 4 files have "42", such as 2' },
      { path: "4", sentence: 'it records the version of the stream "2", but 3 of 4 files have "1", such as 1' },
    ]);
  });
});

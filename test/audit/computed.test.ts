/** Computed values in audits: right ones pass in every type, also those of a library that computes in binary32; wrong ones fail. */
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { byPlan } from "../../src/audit/planned.js";
import { byRecord } from "../../src/audit/subject.js";
import { readCheckpoint } from "../../src/file/checkpoint.js";
import { type DType, iterateModel, modelOfShapes } from "../../src/model.js";
import { folder } from "../cli/command.js";
import { LIST, PLAN } from "./computed.js";
import { auditOf, failures, file, type Tensor, type Tensors } from "./files.js";

const work = folder();
const path = join(work, "computed.safetensors");

function tensorsOf(dtype: DType): Tensors {
  const drawn = iterateModel(modelOfShapes("m", LIST), { seed: 5, dtype }).tensors;
  return new Map(
    [...drawn].map(({ name, shape, values }) => [
      name,
      { dtype: dtype.toUpperCase(), shape, values: values as Tensor["values"] },
    ]),
  );
}

const planned = (at: string) => {
  const stored = readCheckpoint(at);
  const list = stored.tensors.map(({ name, shape }) => ({ name, shape }));
  return byPlan(stored, modelOfShapes("m", list), {
    rules: PLAN.rules.filter(({ match }) => list.some(({ name }) => name === match)),
  });
};

test.each(["f32", "f64", "bf16"] as const)(
  "right ones pass in %s, and none is equal to another by chance",
  async (dtype) => {
    const reports = await auditOf(path, file(tensorsOf(dtype)), planned);
    expect(failures(reports)).toEqual({});
    expect(reports.map(({ verdict }) => verdict)).toEqual(LIST.map(() => "ok"));
    expect(reports.flatMap(({ notes }) => notes)).toEqual([]);
  },
);

describe("wrong ones fail", () => {
  const float = (tensors: Tensors, name: string) => (tensors.get(name) as Tensor).values as Float32Array;
  test.each<[string, (tensors: Tensors) => void, Record<string, string[]>]>([
    ["one position", (t) => void float(t, "positions").fill(0.5, 900, 901), { positions: ["values"] }],
    ["interleaved in place of halves", interleave, { positions: ["values"] }],
    ["one id", (t) => void float(t, "ids").fill(7.5, 7, 8), { ids: ["values"] }],
    ["NaN", (t) => void float(t, "ids").fill(Number.NaN, 7, 8), { ids: ["finite", "values"] }],
    ["another base", (t) => replace(t, "inv_freq", (_, i) => 500000 ** (-i / 32)), { inv_freq: ["values"] }],
    ["A in place of its logarithm", (t) => replace(t, "A_log", (x) => Math.exp(x)), { A_log: ["values"] }],
    [
      "steps in place of their inverse softplus",
      (t) => replace(t, "dt", (x) => Math.log1p(Math.exp(x))),
      { dt: ["range"] },
    ],
    [
      "uniform steps",
      (t) => replace(t, "dt", (_, i) => Math.log(Math.expm1(0.002 + (0.098 * i) / 600))),
      { dt: ["shape"] },
    ],
    ["too many small steps", (t) => replace(t, "dt", (x, i) => (i % 2 ? x : -6)), { dt: ["shape"] }],
    ["no floor", (t) => replace(t, "dt", (_, i) => Math.log(Math.expm1(0.001 * 100 ** (i / 600)))), { dt: ["range"] }],
    ["decays without a logarithm", (t) => replace(t, "decay", (x) => Math.exp(x)), { decay: ["range"] }],
    [
      "an upsampling that repeats nothing",
      (t) => void float(t, "up").copyWithin(0, 72 * 4, 72 * 5),
      { up: ["values"] },
    ],
    ["norms of something else", (t) => replace(t, "g", (x) => x * 1.001), { g: ["values"] }],
    ["another factor", (t) => replace(t, "w", (x) => 2 * x), { w: ["values"] }],
    ["the source is missing", (t) => void t.delete("v"), { g: ["values"], w: ["values"] }],
  ])("%s", async (_, change, expected) => {
    const tensors = tensorsOf("f32");
    change(tensors);
    const subjects = byOwn(tensors);
    expect(failures(await auditOf(path, subjects.bytes, subjects.by))).toEqual(expected);
  });

  function replace(tensors: Tensors, name: string, f: (x: number, i: number) => number): void {
    const values = float(tensors, name);
    values.forEach((x, i) => {
      values[i] = f(x, i);
    });
  }

  function interleave(tensors: Tensors): void {
    const values = float(tensors, "positions");
    const before = values.slice();
    for (let i = 0; i < values.length; ++i)
      values[i] = before[i - (i % 16) + (i % 2 ? 8 : 0) + Math.floor((i % 16) / 2)] as number;
  }

  /** What the file's own record says. */
  function byOwn(tensors: Tensors) {
    const schemes: Record<string, object> = Object.fromEntries(
      LIST.map(({ name, shape: _, ...scheme }) => [name, scheme]),
    );
    const source = schemes.v as object;
    schemes.g = { scheme: "norms", source: "v", axis: 2, shape: [30, 10, 4], of: source };
    schemes.w = { scheme: "scaled", source: "v", scale: 0.5, of: source };
    if (!tensors.has("v")) delete schemes.v;
    const bytes = file(tensors, { "nn-init.schemes": JSON.stringify(schemes) });
    return { bytes, by: (at: string) => byRecord(readCheckpoint(at)) };
  }

  test("steps of two layers that come from one draw", async () => {
    const list = ["a", "b"].map((name) => ({ name, shape: [600], scheme: "logUniform", low: 1e-3, high: 0.1 }));
    const [first] = [...iterateModel(modelOfShapes("m", list), { seed: 5 }).tensors];
    const tensor = { dtype: "F32", shape: [600], values: first?.values as Float32Array };
    const twice: Tensors = new Map([
      ["a", tensor],
      ["b", tensor],
    ]);
    const plan = { rules: [{ match: "*", scheme: "logUniform", low: 1e-3, high: 0.1 }] };
    const by = (at: string) => byPlan(readCheckpoint(at), modelOfShapes("m", list), plan);
    expect(failures(await auditOf(path, file(twice), by))).toEqual({ b: ["equal"] });
  });

  test("what another program computes in binary32 passes", async () => {
    const tensors = tensorsOf("f32");
    const f = Math.fround;
    replace(tensors, "positions", (_, i) => {
      const j = i % 8;
      const frequency = f(Math.exp(f(f(-Math.log(10000) / 7) * j)));
      const angle = f(Math.floor(i / 16) * frequency);
      return i % 16 < 8 ? Math.sin(angle) : Math.cos(angle);
    });
    replace(tensors, "inv_freq", (_, i) => f(1 / f(10000 ** f(i / 32))));
    replace(tensors, "g", (x) => x * (1 + 2 ** -20));
    expect(failures(await auditOf(path, file(tensors), planned))).toEqual({});
  });
});

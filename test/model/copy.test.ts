/** Copies: tied tensors, target networks, and what else has another tensor's values, in plans, lists, files and audits. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { byPlan } from "../../src/audit/planned.js";
import { byRecord } from "../../src/audit/subject.js";
import { withConfig } from "../../src/checkpoint/model.js";
import { readCheckpoint } from "../../src/file/checkpoint.js";
import { init, normal } from "../../src/index.js";
import { initModel, modelOf, modelOfShapes, type Plan, parametersOf, planModel } from "../../src/model.js";
import { auditOf, drawn, failures, file, type Tensor, type Tensors } from "../audit/files.js";
import { folder, nnInit } from "../cli/command.js";

const work = folder();
const shapes = (...names: string[]) => names.map((name) => ({ name, shape: [8, 8] }));
const rest = { match: "*", scheme: "normal", std: 0.02 } as const;
const valuesOf = (model: Parameters<typeof initModel>[0], plan?: Plan) =>
  new Map(
    [...initModel(model, { ...(plan && { plan }), seed: 42 }).tensors].map(([name, { values }]) => [name, values]),
  );

test("a copy has the bytes of what it copies, which are those without a copy", () => {
  const model = modelOfShapes("m", shapes("head", "embed", "other")); // the copy comes first
  const plan: Plan = { rules: [{ match: "head", copy: "embed" }, rest] };
  const values = valuesOf(model, plan);
  const embed = init([8, 8], normal({ std: 0.02 }), { seed: 42, name: "embed" });
  expect(values.get("head")).toEqual(embed);
  expect(values.get("embed")).toEqual(embed);
  expect(values.get("other")).not.toEqual(embed);
  const [head] = planModel(model, plan).tensors;
  expect(head).toMatchObject({ name: "head", copyOf: "embed", rule: 0, scheme: { scheme: "normal", std: 0.02 } });
  expect(parametersOf(planModel(model, plan))).toBe(128); // as a model card counts them: once
});

test("a copy may be named by groups of a regular expression, as of a target network", () => {
  const model = modelOfShapes("m", shapes("online.0.w", "online.1.w", "target.0.w", "target.1.w"));
  const values = valuesOf(model, { rules: [{ regex: "^target\\.(?<rest>.*)", copy: "online.{rest}" }, rest] });
  expect(values.get("target.0.w")).toEqual(values.get("online.0.w"));
  expect(values.get("target.1.w")).toEqual(values.get("online.1.w"));
  expect(values.get("target.1.w")).not.toEqual(values.get("target.0.w"));
});

test("a list of shapes may say it", () => {
  const list = [
    { name: "b", shape: [8, 8], copy: "a" },
    { name: "a", shape: [8, 8], scheme: "heNormal" },
  ];
  const values = valuesOf(modelOfShapes("m", list));
  expect(values.get("b")).toEqual(values.get("a"));
  const other = modelOfShapes("m", list); // a plan decides in place of what the list says
  expect(planModel(other, { rules: [rest] }).tensors.map(({ copyOf }) => copyOf)).toEqual([undefined, undefined]);
  expect(() => modelOfShapes("m", [{ name: "b", shape: [8], copy: "a", scheme: "ones" }])).toThrow(/copy: .*"scheme"/);
  expect(() => planModel(modelOfShapes("m", [{ name: "b", shape: [8], copy: "a" }]))).toThrow(/tensor "b": copy: /);
});

test.each<[string, object[], Plan["rules"], RegExp]>([
  ["of itself", shapes("a", "b"), [{ match: "a", copy: "a" }, rest], /rules\[0\].*tensor "a": copy: .*another tensor/],
  ["of none", shapes("embed", "b"), [{ match: "b", copy: "embd" }, rest], /similar names are "embed", "b", got "embd"/],
  [
    "of what is skipped",
    shapes("a", "b"),
    [
      { match: "b", copy: "a" },
      { match: "a", scheme: "skip" },
    ],
    /does not skip/,
  ],
  [
    "in a circle",
    shapes("a", "b", "c"),
    [{ match: "a", copy: "b" }, { match: "b", copy: "a" }, rest],
    /expected a tensor that is drawn, got "b", which is a copy of "a"/,
  ],
  [
    "of a copy",
    shapes("a", "b", "c"),
    [{ match: "a", copy: "b" }, { match: "b", copy: "c" }, rest],
    /expected a tensor that is drawn, got "b", which is a copy of "c"/,
  ],
  [
    "of another shape",
    [...shapes("a"), { name: "b", shape: [4, 16] }],
    [{ match: "a", copy: "b" }, rest],
    /expected a tensor of shape \[8, 8\], got "b" of shape \[4, 16\]/,
  ],
  ["with a scheme", shapes("a", "b"), [{ match: "a", copy: "b", scheme: "ones" }, rest], /rules\[0\]: .*got "copy"/],
  ["with options", shapes("a", "b"), [{ match: "a", copy: "b", std: 1 }, rest], /rules\[0\]: .*got "std"/],
  ["of an empty name", shapes("a", "b"), [{ match: "a", copy: "" }, rest], /rules\[0\]\.copy: /],
])("refuses a copy %s", (_, list, rules, message) => {
  expect(() => planModel(modelOfShapes("m", list), { rules })).toThrow(message);
});

test("refuses a copy of another element type, unless one type is asked for", () => {
  const model = modelOfShapes("m", [
    { name: "a", shape: [8], dtype: "f32", scheme: "ones" },
    { name: "b", shape: [8], dtype: "bf16", copy: "a" },
  ]);
  expect(() => initModel(model)).toThrow(
    /tensor "b": copy: expected a tensor of the type bf16, got "a" of the type f32/,
  );
  expect(initModel(model, { dtype: "f16" }).tensors.get("b")?.values[0]).toBe(0x3c00);
});

const LLAMA = {
  ...{ model_type: "llama", hidden_size: 32, intermediate_size: 48, num_hidden_layers: 1, num_attention_heads: 2 },
  ...{ vocab_size: 40, tie_word_embeddings: true, initializer_range: 0.02 },
};

/** A file of a tied model that stores the head a second time, drawn by other means. */
function twice(): Tensors {
  const tensors = drawn(LLAMA, 1);
  tensors.set("lm_head.weight", structuredClone(tensors.get("model.embed_tokens.weight") as Tensor));
  return tensors;
}

test("a fresh model like a file that stores a tied tensor twice ties it", async () => {
  const path = join(work, "model.safetensors");
  writeFileSync(path, file(twice()));
  writeFileSync(join(work, "config.json"), JSON.stringify(LLAMA));
  const out = join(work, "fresh.safetensors");
  expect((await nnInit(["init", path, "--seed", "7", "--out", out])).status).toBe(0);
  const { tensors } = readCheckpoint(out);
  expect(tensors.map(({ name }) => name)).toContain("lm_head.weight");
  const audited = JSON.parse((await nnInit(["audit", out, "--reproduce", "--json"])).stdout);
  expect(audited).toMatchObject({ verdict: "ok", expectedFrom: "the file's own record" });
  const head = audited.tensors.find(({ name }: { name: string }) => name === "lm_head.weight");
  expect(head).toMatchObject({ copyOf: "model.embed_tokens.weight", verdict: "ok" });
  const { tensors: planned } = JSON.parse((await nnInit(["plan", path, "--json"])).stdout);
  expect(planned.filter(({ copyOf }: { copyOf: unknown }) => copyOf !== null)).toMatchObject([
    { name: "lm_head.weight", copyOf: "model.embed_tokens.weight", rule: null },
  ]);
  expect((await nnInit(["plan", path])).stdout).toMatch(/copy of model\.embed_tokens\.weight/);
  const idle = join(work, "idle.json");
  writeFileSync(idle, JSON.stringify({ rules: [{ match: "lm_head.*", scheme: "zeros" }, rest] }));
  expect((await nnInit(["plan", path, "--plan", idle])).stderr).toMatch(
    /is tied to "model.embed_tokens.weight", as its/,
  );
});

test("an audit expects a copy where a plan, a record or a config says so", async () => {
  const path = join(work, "audited.safetensors");
  const plan: Plan = { rules: [{ match: "lm_head.weight", copy: "model.embed_tokens.weight" }, ...planOf().rules] };
  const expected = (at: string) => byPlan(readCheckpoint(at), modelIn(at), plan);
  const right = twice();
  expect(failures(await auditOf(path, file(right), expected))).toEqual({});
  const wrong = twice();
  (wrong.get("lm_head.weight") as Tensor).values[3] = 0.01;
  expect(failures(await auditOf(path, file(wrong), expected))).toEqual({ "lm_head.weight": ["copy"] });
  const schemes = { "lm_head.weight": { scheme: "normal", std: 0.02, copy: "model.embed_tokens.weight" } };
  const recorded = { "nn-init.schemes": JSON.stringify(schemes) };
  const byOwn = (at: string) => byRecord(readCheckpoint(at));
  expect(failures(await auditOf(path, file(right, recorded), byOwn))).toEqual({});
  expect(failures(await auditOf(path, file(wrong, recorded), byOwn))).toEqual({ "lm_head.weight": ["copy"] });
});

const planOf = (): Plan => modelOf(LLAMA).plan as Plan;

function modelIn(path: string) {
  const tensors = readCheckpoint(path).tensors.map(({ name, shape }) => ({ name, shape }));
  return withConfig({ name: "m", tensors, variables: {}, tied: {} }, modelOf(LLAMA), path);
}

/** What the race, the model and the bench do without a browser. */
import { h } from "preact";
import { renderToString } from "preact-render-to-string";
import { expect, test } from "vitest";
import { spiral, train } from "../../src/train.js";
import { rateOf } from "../../web/bench/cells.js";
import { CHOICE, type ChoiceState, labLink } from "../../web/choose/fields.js";
import { droppedOf, together } from "../../web/model/files.js";
import { parsedJson } from "../../web/model/json.js";
import { type Cell, Table } from "../../web/part/chart.js";
import { commandOfRace } from "../../web/race/command.js";
import { RACE, type RaceState, setupOf } from "../../web/race/setup.js";
import { type Fields, parseAddress, readState, writeAddress } from "../../web/state.js";
import { run as auditTask } from "../../web/task/audit.js";
import { run as modelTask, type PlanOutput } from "../../web/task/model.js";
import { run as pointTask } from "../../web/task/point.js";
import { type RacePiece, run as race } from "../../web/task/race.js";

const stateOf = (hash: string): RaceState => readState(RACE as Fields, parseAddress(hash)).state as RaceState;

test("a race in pieces, paused and taken up by another worker, is the training itself", () => {
  const state = stateOf("#race&data=spiral&st=small,he&d=3&w=8&t=24&opt=adam&seed=5");
  const setup = setupOf(state);
  const parts: RacePiece[][] = [[], []];
  const known = () => parts.map((pieces) => pieces.reduce((sum, { losses }) => sum + losses.length, 0));
  for (let steps = 1; parts.some((pieces) => !pieces.at(-1)?.finish); steps = 7) {
    const pieces = race({ setup, known: known(), steps, milliseconds: 1000 });
    for (const [i, piece] of pieces.entries()) parts[i]?.push(piece);
    expect(known()).toEqual(pieces.map(({ finish }, i) => (finish ? known()[i] : Math.max(...known())))); // side by side
    // Another race in between takes this one's place in the worker, as a new worker would.
    race({ setup: { ...setup, activation: "tanh" }, known: [0, 0], steps: 1, milliseconds: 0 });
  }
  const { optimizer, steps, seed } = state;
  for (const [i, strategy] of (["small", "he"] as const).entries()) {
    const options = { optimizer, steps, seed, measurements: 30, strategy };
    const whole = train({ depth: 3, width: 8 }, spiral(), options);
    expect(parts[i]?.flatMap(({ losses }) => losses)).toEqual(whole.losses);
    expect(parts[i]?.flatMap(({ monitored }) => monitored)).toEqual(whole.monitored);
    expect(parts[i]?.at(-1)?.finish?.test).toEqual(whole.test);
  }
});

test("a race's address and command say all of it, and nothing that is usual", () => {
  expect(commandOfRace(stateOf("#race"))).toBe(
    "npx nn-init compare --schemes small,large,xavier,he,orthogonal --steps 300 --seeds 1",
  );
  const hash = "#race&a=tanh&r=1&bs=0.5&st=he,lsuv&data=spiral&opt=adam&lr=0.003&t=100";
  expect(writeAddress("race", RACE as Fields, stateOf(hash))).toBe(hash);
  expect(commandOfRace(stateOf(hash))).toBe(
    "npx nn-init compare --data spiral --activation tanh --residual --branch-scale 0.5 --schemes he,lsuv --optimizer adam --lr 0.003 --steps 100 --seeds 1",
  );
  expect(commandOfRace(stateOf("#race&a=own&f=x"))).toBeUndefined();
  const wrong = readState(RACE as Fields, parseAddress("#race&st=he,hex"));
  expect(wrong.complaints[0]).toContain("one or more of zero, small");
});

test("a column of a table is set as numbers, its head too, if nothing else is in it", () => {
  const rows: Cell[][] = [
    ["bias", "768", "0.02", 1, null],
    ["weight", "768 × 768", "-1e-5", null, null],
  ];
  const html = renderToString(h(Table, { head: ["tensor", "shape", "std", "step", "state"], rows, caption: "plan" }));
  const numbers = [...html.matchAll(/<t[hd][^>]* class="number"[^>]*>([^<]*)/g)].map(([, text]) => text);
  expect(numbers).toEqual(["std", "step", "state", "0.02", "1", "", "-1e-5", "", ""]);
});

/** Of docs/onnx.md: y = x w, with w of zeros and the shape [2, 3]. */
const MODEL = Uint8Array.from(
  atob("CAg6OAoRCgF4CgF3EgF5IgZNYXRNdWwqIwgCCAMQAUIBd0oYAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
  (letter) => letter.charCodeAt(0),
);

const fileOf = (name: string, content: string | Uint8Array<ArrayBuffer>) => new File([content], name);
const index = JSON.stringify({ weight_map: { a: "x.safetensors", b: "y.safetensors" } });

test("what was dropped is found by names and first bytes", async () => {
  const config = fileOf("config.json", '{"model_type":"gpt2"}');
  const [one, other] = [fileOf("x.safetensors", "1"), fileOf("y.safetensors", "2")];
  expect(await droppedOf([config])).toMatchObject({ kind: "config", name: "config.json" });
  expect(await droppedOf([one, config])).toMatchObject({ kind: "checkpoint", files: [one], config: {}, absent: [] });
  expect(await droppedOf([one, fileOf("model.safetensors.index.json", index)])).toMatchObject({
    ...{ kind: "checkpoint", files: [one], config: undefined, absent: ["y.safetensors"] },
  });
  expect(await droppedOf([fileOf("m.onnx", "1"), fileOf("m.data", "2")])).toMatchObject({
    kind: "onnx",
    name: "m.onnx",
  });
  expect(await droppedOf([other])).toMatchObject({ kind: "checkpoint" });
});

test.each([
  ["two models", [fileOf("a.onnx", ""), fileOf("b.onnx", "")], "Expected one .onnx file"],
  ["two configs", [fileOf("a.json", "{}"), fileOf("b.json", "{}")], "Expected one config, got a.json and b.json."],
  ["an index alone", [fileOf("i.json", index)], "i.json: an index has no tensors; drop the 2 files"],
  ["a pickle", [fileOf("p.bin", Uint8Array.of(128, 2, 1))], "got a Python pickle"],
  [
    "a pointer",
    [fileOf("p", "version https://git-lfs.github.com/spec/v1\n")],
    "got a Git LFS pointer; git lfs pull fetches the file itself",
  ],
  [
    "GGUF",
    [fileOf("m.gguf", "GGUF\u0003")],
    "m.gguf: expected a config.json, .safetensors files, or an .onnx file, got a GGUF",
  ],
  ["a list", [fileOf("l.json", "[]")], "l.json: expected the config of a model, a JSON object."],
])("refuses %s", async (_, files, message) => {
  await expect(droppedOf(files)).rejects.toThrow(message);
});

test("reads JSON as Python writes it, and nothing else", () => {
  expect(parsedJson('{"a": Infinity, "b": "NaN"}')).toEqual({ a: { __float__: "Infinity" }, b: "NaN" });
  expect(() => parsedJson("{a}")).toThrow("it is not valid JSON");
});

test("a plan is folded, and a checkpoint's audit has its words", async () => {
  const config = JSON.stringify({
    model_type: "gpt2",
    n_layer: 3,
    n_embd: 16,
    n_head: 2,
    n_positions: 8,
    vocab_size: 20,
  });
  const make = { seed: 1, dtype: "own", shardBytes: 1e9 } as const;
  const plan = (await modelTask({ kind: "plan", config, make }, () => {})) as PlanOutput;
  expect(plan.rows).toContainEqual([
    "transformer.h.{0..2}.attn.c_attn.weight",
    "16 \u00d7 48",
    "weight",
    "normal",
    "0.02",
  ]);
  expect(plan.files).toMatchObject([{ name: "model.safetensors" }]);
  const told: unknown[] = [];
  const written = await modelTask({ kind: "write", config, make, to: { kind: "memory" } }, (share) => told.push(share));
  const [kept] = (written as { kept: { name: string; file: Blob }[] }).kept;
  expect(told.at(-1)).toBe(1);
  const file = new File([kept?.file as Blob], "model.safetensors");
  const { report, expectations } = await auditTask(
    { kind: "checkpoint", files: [file], config: undefined, spectral: false, reproduce: true },
    () => {},
  );
  expect(report).toMatchObject({ verdict: "ok", expectedFrom: "the file's own record" });
  expect(new Set(expectations)).toEqual(new Set(["normal", "constant 0", "constant 1"]));
});

test("an ONNX model that was dropped is audited with pictures", async () => {
  const files = [new File([MODEL], "m.onnx")];
  const input = { kind: "onnx", files, config: undefined, spectral: false, reproduce: false } as const;
  const { report, expectations } = await auditTask(input, () => {});
  expect(report).toMatchObject({ verdict: "fail", expectedFrom: "the graph of the model" });
  expect(report.tensors).toMatchObject([{ name: "w", histogram: { measured: [1] } }]);
  expect(expectations).toEqual(["truncated normal (-1.60774, 1.60774)"]);
});

test("what is dropped later is added where it was missing, else it takes the place", () => {
  const [weights, other] = [fileOf("a.safetensors", ""), fileOf("b.safetensors", "")];
  const [config, newer] = [fileOf("config.json", "1"), fileOf("config.json", "2")];
  const [model, data, pickle] = [fileOf("m.onnx", ""), fileOf("m.onnx.data", ""), fileOf("m.pt", "")];
  expect(together([weights], [config])).toEqual([weights, config]);
  expect(together([weights, config], [newer])).toEqual([weights, newer]);
  expect(together([weights, config], [other])).toEqual([other]);
  expect(together([config], [newer])).toEqual([newer]);
  expect(together([model], [data])).toEqual([model, data]);
  expect(together([model], [pickle])).toEqual([pickle]);
  expect(together([model], [config])).toEqual([config]);
  expect(together([], [data])).toEqual([data]);
});

test("the lab's link has only what its network has", () => {
  const link = (hash: string) => labLink(readState(CHOICE as Fields, parseAddress(hash)).state as ChoiceState);
  expect(link("#choose&a=leakyRelu&sl=0.2")).toBe("#lab&d=50&a=leakyRelu&no=none&sl=0.2");
  expect(link("#choose&l=attention&a=leakyRelu&sl=0.2")).toBe("#lab&n=attention&d=12&a=gelu&no=layer");
  expect(link("#choose&l=attention&a=swiglu&r=1")).toBe("#lab&n=attention&d=12&a=gelu&no=layer");
  expect(link("#choose&a=swiglu")).toBeUndefined();
  expect(link("#choose&l=embedding")).toBeUndefined();
});

test("the speed of a cell is that of its best turn", () => {
  const cell = { distribution: "normal", engine: "simd", to: "arena", dtype: "f32", size: 100 } as const;
  expect(rateOf([{ ...cell, seconds: [2, 0.5, 1] }], "normal", "simd", 100)).toBe(200);
  expect(rateOf([{ ...cell, seconds: [] }], "normal", "simd", 100)).toBeUndefined();
  expect(
    rateOf([{ ...cell, distribution: "memory.fill", engine: "limit", seconds: [1] }], "uniform", "limit", 100),
  ).toBe(100);
});

test.each([
  ["relu", Math.SQRT2, 0, true],
  ["relu", 1.3, 0, false],
  ["leakyRelu", Math.SQRT2, 0, false], // its slope is 0.01, so the border lies elsewhere
  ["tanh", 1.5, 0.1, false],
] as const)("the plane's point says whether every variance is kept: %s, %d", (activation, weight, bias, kept) => {
  expect(pointTask({ network: { activation }, weight, bias, bracket: undefined }).keepsVariance).toBe(kept);
});
